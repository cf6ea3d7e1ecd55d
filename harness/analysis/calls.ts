// The calls of one lane made ready for analysis: one outcome code each, and times as numbers.
import { ERROR_CLASSES, FLAGS, type Lane, NO_NODE, OUTCOMES, outcomeOf, scheduledAt } from '../history/call.ts'
import { positionAt, rateOf, ratesOf } from '../history/schedule.ts'
import type { Window } from './analysis.ts'

/** Outcome codes: the first five index OUTCOMES; UNKNOWN is a row that nobody recorded. */
export const ANSWERED = 0
export const WRONG = 1
export const REFUSED = 2
export const UNANSWERED = 3
export const UNSENT = 4
export const UNKNOWN = 5
/** Made while its caller was cut off together with its zone: cut-off.ts. */
export const APART = 6

/** The index in ERROR_CLASSES of calls that the in-flight cap held back. */
export const SHED = ERROR_CLASSES.indexOf('shed')
/** The index in ERROR_CLASSES of calls that were not due any more when the lane was closed. */
export const STOPPED = ERROR_CLASSES.indexOf('stopped')

/** A lane, and how each of its calls ended. */
export interface Calls {
  readonly lane: Lane
  readonly name: string
  readonly count: number
  readonly t0: number
  /** ms between two scheduled calls; the longest that they ever were where the rate changed. */
  readonly everyMs: number
  /** Outcome code of each call. */
  readonly code: Uint8Array
}

const CODE_OF_CLASS = Uint8Array.from(ERROR_CLASSES, (each) => OUTCOMES.indexOf(outcomeOf(each)))

/** Reads the outcome of every call once, so that nothing after it has to know error classes. */
export const callsOf = (lane: Lane, cutOff: readonly Window[] = []): Calls => {
  const code = new Uint8Array(lane.count)
  for (let i = 0; i < lane.count; i += 1) {
    code[i] = lane.recorded[i] ? (CODE_OF_CLASS[lane.errorClass[i] ?? 0] ?? UNKNOWN) : UNKNOWN
  }
  const { lane: name, t0 } = lane.header
  const calls = { lane, name, count: lane.count, t0, everyMs: 1000 / ratesOf(lane.header).lowest, code }
  for (const window of cutOff) setApart(calls, window)
  return calls
}

/** A connection that is asked for while no packet passes is asked for again a second later, by TCP's own first timeout. */
const AGAIN_MS = 1000

/**
 * Calls made in the window, or under way when it began; and those after it until somebody says a word to one of them: from an answer, also
 * a bad one, or a refusal on it is known that packets pass.
 */
const setApart = (calls: Calls, [from, to]: Window): void => {
  const { code, lane } = calls
  const until = Math.min(to + AGAIN_MS, firstWordFrom(calls, to))
  for (let i = firstAt(calls, from - lane.header.deadlineMs); i < firstAt(calls, until); i += 1) {
    const wasOver = scheduled(calls, i) < from && endedAt(calls, i) < from
    const isTold = scheduled(calls, i) >= to && code[i] !== ANSWERED && hasWord(calls, i)
    if (!wasOver && !isTold && code[i] !== UNKNOWN) code[i] = APART
  }
}

const CONNECTION_REFUSED = ERROR_CLASSES.indexOf('connection-refused')

const hasWord = ({ code, lane }: Calls, i: number): boolean =>
  code[i] === ANSWERED || code[i] === WRONG || (code[i] === REFUSED && lane.errorClass[i] === CONNECTION_REFUSED)

/** When the first call that was due at `at` or later, of those due within the next second, got a word; never where none did. */
const firstWordFrom = (calls: Calls, at: number): number => {
  let first = Infinity
  for (let i = firstAt(calls, at); i < firstAt(calls, at + AGAIN_MS); i += 1)
    if (hasWord(calls, i)) first = Math.min(first, endedAt(calls, i))
  return first
}

/** ms between call i and the next as the rate was then: what one call stands for. */
export const everyMsAt = (calls: Calls, i: number): number =>
  calls.lane.header.ramps === undefined ? calls.everyMs : 1000 / rateOf(calls.lane.header, i)

/** When call i was scheduled, ms since the run began. */
export const scheduled = (calls: Calls, i: number): number => scheduledAt(calls.lane.header, i)

/** When the generator really sent call i. */
export const sentAt = (calls: Calls, i: number): number => scheduled(calls, i) + (calls.lane.lateUs[i] ?? 0) / 1000

/** When call i ended. */
export const endedAt = (calls: Calls, i: number): number => scheduled(calls, i) + (calls.lane.latencyUs[i] ?? 0) / 1000

/** How long the deployment had call i, ms: its latency less the time that the generator came late. */
export const responseMs = (calls: Calls, i: number): number =>
  Math.max(0, (calls.lane.latencyUs[i] ?? 0) - (calls.lane.lateUs[i] ?? 0)) / 1000

/** Whether call i was sent and got no answer as expected. */
export const isLost = (code: number | undefined): boolean => code === WRONG || code === REFUSED || code === UNANSWERED

/** Whether call i is recorded and was sent. */
export const wasSent = (code: number | undefined): boolean => code === ANSWERED || isLost(code)

/** Whether call i had bytes sent and is not idempotent. */
export const mayHaveHappened = (calls: Calls, i: number): boolean =>
  ((calls.lane.flags[i] ?? 0) & FLAGS.mayHaveHappened) !== 0

/** The node that answered call i as the answer itself says; null when it does not. */
export const answeringNode = (calls: Calls, i: number): string | null => {
  const node = calls.lane.node[i] ?? NO_NODE
  return node === NO_NODE ? null : (calls.lane.header.nodes[node] ?? null)
}

/** When the first of the calls from index `first` on ended that are of a kind; Infinity where none is. */
export const firstEndFrom = (calls: Calls, first: number, isOfKind: (i: number) => boolean): number => {
  let least = Infinity
  // Calls scheduled later may end earlier, but never before they were scheduled.
  for (let i = first; i < calls.count && scheduled(calls, i) < least; i += 1)
    if (isOfKind(i)) least = Math.min(least, endedAt(calls, i))
  return least
}

/** Index of the first call scheduled at `at` or later, 0..count. */
export const firstAt = (calls: Calls, at: number): number => {
  if (!Number.isFinite(at)) return at > 0 ? calls.count : 0
  let i = Math.min(calls.count, Math.max(0, Math.round(positionAt(calls.lane.header, at))))
  // The position may be off by one call either way.
  while (i > 0 && scheduled(calls, i - 1) >= at) i -= 1
  while (i < calls.count && scheduled(calls, i) < at) i += 1
  return i
}

/** Indices [first, last) of the calls scheduled in a window. */
export const rangeOf = (calls: Calls, [from, to]: Window): readonly [first: number, last: number] => [
  firstAt(calls, from),
  firstAt(calls, to),
]

/** When the lane's schedule ended: one interval after its last call. */
export const endOf = (calls: Calls): number => scheduled(calls, calls.count)
