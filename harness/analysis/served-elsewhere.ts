// Whether a gap in a lane is one node's pause: its calls happened to wait for that node, while others were served by the rest.
import type { Window } from './analysis.ts'
import { ANSWERED, answeringNode, type Calls, endedAt, firstAt, isLost, responseMs, scheduled } from './calls.ts'
import { lowerBound } from './windows.ts'

/** A lane that has nearly all of its calls from one node is tied to it: its pause is that lane's outage, and no chance. */
const TIED_SHARE = 0.9

/** How many calls on either side of a gap say how a balancer spreads the lane. */
const NEIGHBOURS = 100

/** A gap of a lane in which no call was lost: its calls [first, last), and how many of them waited. */
export interface Gap {
  readonly window: Window
  readonly first: number
  readonly last: number
  readonly waited: number
}

/**
 * Two conditions: all along the gap, with no break of `floorMs`, other lanes of the same callers were answered by other nodes than
 * those that this lane waited for; and so many calls in a row upon those nodes are to be expected by chance in `calls`, as the
 * balancer spreads them around the gap. A round robin over two nodes that two lanes share gives one of them seven in a row
 * every 128 calls.
 */
export const isServedElsewhere = (
  calls: Calls,
  others: readonly Calls[],
  gap: Gap,
  { floorMs, chance }: { readonly floorMs: number; readonly chance: number },
): boolean => {
  const waitedFor = nodesOf(calls, gap)
  if (waitedFor === null) return false
  const share = shareOf(calls, waitedFor, gap)
  if (share > TIED_SHARE || calls.count * share ** gap.waited <= chance) return false
  return longestBreakMs(others, waitedFor, gap.window) < floorMs
}

const NOBODY: ReadonlySet<string> = new Set()

/** Where more of the others' calls are troubled than by one node of two, and some by chance, it is everybody who is hardly served. */
export const MOST_TROUBLED = 0.6

/**
 * The share of the other lanes' calls due in a window that were lost, or took so many ms or longer, where those lanes were served all
 * the while, with no break of `floorMs`: what some of their calls met, and others did not, a few in a row of another lane may meet as well.
 * 0 where they were not served, or hardly: too many were lost, or took `slowMs`.
 */
export const troubleBeside = (
  others: readonly Calls[],
  [from, to]: Window,
  { floorMs, slowMs }: { readonly floorMs: number; readonly slowMs: number },
): ((ms: number) => number) => {
  const waits = waitsOf(others.map((calls) => [calls, firstAt(calls, from), firstAt(calls, to)]))
  const shareFrom = (ms: number): number => (waits.length === 0 ? 0 : countFrom(waits, ms) / waits.length)
  const wereServed = longestBreakMs(others, NOBODY, [from, to]) < floorMs && shareFrom(slowMs) <= MOST_TROUBLED
  return wereServed ? shareFrom : () => 0
}

/** How long calls [first, last) of lanes waited, ms, in order; for ever where they were lost. */
export const waitsOf = (ranges: readonly (readonly [calls: Calls, first: number, last: number])[]): Float64Array => {
  const waits = new Float64Array(ranges.reduce((sum, [, first, last]) => sum + last - first, 0))
  let at = 0
  for (const [calls, first, last] of ranges)
    for (let i = first; i < last; i += 1) waits[at++] = isLost(calls.code[i]) ? Infinity : responseMs(calls, i)
  return waits.sort()
}

/** How many of them waited for so long or longer. */
export const countFrom = (waits: Float64Array, ms: number): number => waits.length - lowerBound(waits, ms)

/** Who answered the gap's calls in the end; null where one of the answers does not say. */
const nodesOf = (calls: Calls, { window, first, last }: Gap): ReadonlySet<string> | null => {
  const nodes = new Set<string>()
  for (let i = first; i < last; i += 1) {
    if (calls.code[i] !== ANSWERED || endedAt(calls, i) < window[1]) continue
    const node = answeringNode(calls, i)
    if (node === null) return null
    nodes.add(node)
  }
  return nodes
}

const shareOf = (calls: Calls, nodes: ReadonlySet<string>, { first, last }: Gap): number => {
  let [theirs, all] = [0, 0]
  for (let i = Math.max(0, first - NEIGHBOURS); i < Math.min(calls.count, last + NEIGHBOURS); i += 1) {
    const node = calls.code[i] === ANSWERED && (i < first || i >= last) ? answeringNode(calls, i) : null
    if (node === null) continue
    all += 1
    if (nodes.has(node)) theirs += 1
  }
  return all === 0 ? 1 : theirs / all
}

/** Of calls that were both due and answered in the window, by nobody of `nodes`. */
const longestBreakMs = (lanes: readonly Calls[], nodes: ReadonlySet<string>, window: Window): number => {
  const [from, to] = longestBetween(
    lanes.flatMap((calls) => answeredBeside(calls, nodes, window)),
    window,
  )
  return to - from
}

/** The longest time in a window in which no call of these lanes was answered, whenever it was sent: all of it where there are no lanes. */
export const longestSilence = (lanes: readonly Calls[], window: Window): Window =>
  longestBetween(
    lanes.flatMap((calls) => answersIn(calls, window)),
    window,
  )

const longestBetween = (instants: readonly number[], [from, to]: Window): Window => {
  let longest: Window = [from, from]
  let before = from
  for (const at of [...instants.toSorted((a, b) => a - b), to]) {
    if (at - before > longest[1] - longest[0]) longest = [before, at]
    before = at
  }
  return longest
}

const answersIn = (calls: Calls, [from, to]: Window): readonly number[] => {
  const times: number[] = []
  // Whoever is answered in time was due no longer ago.
  const first = firstAt(calls, from - 2 * calls.lane.header.deadlineMs)
  for (let i = first; i < calls.count && scheduled(calls, i) < to; i += 1) {
    const at = endedAt(calls, i)
    if (calls.code[i] === ANSWERED && at > from && at < to) times.push(at)
  }
  return times
}

const answeredBeside = (calls: Calls, nodes: ReadonlySet<string>, [from, to]: Window): readonly number[] => {
  const times: number[] = []
  for (let i = firstAt(calls, from); i < calls.count && scheduled(calls, i) < to; i += 1) {
    const node = calls.code[i] === ANSWERED && endedAt(calls, i) <= to ? answeringNode(calls, i) : null
    if (node !== null && !nodes.has(node)) times.push(endedAt(calls, i))
  }
  return times
}
