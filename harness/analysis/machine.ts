// When the machine or the generator, and not the deployment, held calls up: own stalls, and disturbance of the control lane.
import type { LaneHeader } from '../history/call.ts'
import { type Event, type EventOf, eventsOf } from '../history/event.ts'
import { sayMs } from '../time/duration.ts'
import type { Disturbance, Window } from './analysis.ts'
import { ANSWERED, type Calls, endedAt, endOf, everyMsAt, firstAt, isLost, scheduled, UNKNOWN } from './calls.ts'
import { answerTimes, eachGap, usualGapMs } from './gaps.ts'
import {
  atMostWaitedMs,
  goalOf,
  NOBODY_WAITED,
  scarceIn,
  type Wait,
  type Waiting,
  waitingOn,
  wayTo,
} from './waiting.ts'
import { coveredMs, lowerBound, merged, outside } from './windows.ts'

/** From here on a gap is an outage, however many of the calls around it fail and however busy the machine is; but for a stall of which it is known by name who had no processor. */
export const CERTAIN_MS = 250

/** The coarsest that the sensor may be: an outage shorter than this may go unseen only where a floor says so. */
export const RESOLUTION_MS = 50

/** An echo beside the deployment takes about 1 ms; beyond this, or four times its usual time, something held it up. */
const SLOW_CONTROL_MS = 5

/**
 * A call to the deployment crosses about four processes where a call of the control lane crosses one: where a busy machine
 * delays the one by c, it may delay the other by 4 c. Claimed only for gaps up to RESOLUTION_MS.
 */
const HOPS = 4

/** A stall in which processors were short for this share is not told from one of the deployment's own. */
export const SHORT_SHARE = 0.8

/** Before a stall, calls of the control lane that are not answered by then are at most so old; others are lost anyway. */
const LONGEST_READ_MS = 100

/** How far around a gap a slow control call still speaks of the same disturbance. */
const AROUND_MS = 100

/** What is known of the machine's own share in what callers felt. Every list of windows is merged. */
export interface Machine {
  readonly disturbances: readonly Disturbance[]
  readonly ownStalls: readonly Window[]
  /** For how long whom calls pass may have waited for a processor. */
  readonly waits: readonly Wait[]
  /** They may have waited for a processor half of the time or more. */
  readonly scarce: readonly Window[]
  /** Nobody was answered, or calls were slow, on the control lane. */
  readonly control: readonly Window[]
  /** Nobody at all was answered on the control lane. */
  readonly controlGaps: readonly Window[]
  /** Own stalls and disturbances of the control lane. */
  readonly all: readonly Window[]
  /** Those, and where processors were scarce: calls in here say little about the deployment's latency. */
  readonly unsound: readonly Window[]
  /** The same for calls that this node answered, where it is known who waited. */
  unsoundAt(node: string): readonly Window[]
  /** ms of a window for which one whom calls pass that this node answers may have waited, by name: the one who waited longest. */
  servingMs(node: string, window: Window): number
  /** The same as `unsound` but for shortages up to RESOLUTION_MS: longer ones are doubts of their own, and what is usual is told without them. */
  readonly unusual: readonly Window[]
  /** Serious ones: calls lost in here are nobody's for certain. */
  readonly serious: readonly Window[]
  /** The gap that the control lane itself does not exceed in 99.99 %, over the whole run. */
  readonly usualGapMs: number
  /** The slowest control call that ended in a window or soon before or after it, ms. */
  slowestNear(window: Window): number
  /** Whether a control lane ran all the while. */
  isWatched(window: Window): boolean
}

/** Reads the generator's stalls, the control lanes, and who waited for a processor; `silent` is when nobody wrote down the first and the last. */
export const machineOf = (
  stalls: readonly EventOf<'generator-stall'>[],
  controls: readonly Calls[],
  waiting: Waiting = NOBODY_WAITED,
  silent: Window | null = null,
): Machine => {
  const known = standstills(stalls)
  const ownStalls = merged([...known.map(({ window }) => window), ...(silent ? [silent] : [])])
  const slow = controls.flatMap(slowCallsOf)
  const times = controls.map(answerTimes)
  const gaps = merged(controls.flatMap((calls, k) => gapsOf(times[k] ?? new Float64Array(), calls)))
  const lost = controls.flatMap(lostOf)
  const disturbances = [
    ...known.map(stallOf),
    ...(silent ? [silenceOf(silent)] : []),
    ...gaps.flatMap((window) => gapOf(window, ownStalls)),
    ...lost,
  ]
  // Longer ones are doubts of their own, in their own windows; they need not blunt the sensor everywhere else.
  const told = merged([...ownStalls, ...gaps.filter(([from, to]) => to - from > RESOLUTION_MS)])
  const control = merged([...slow.map(({ window }) => window), ...gaps, ...lost.map(({ window }) => window)])
  const { waits } = waiting
  const scarce = scarceIn(waits)
  const all = merged([...ownStalls, ...control])
  const unsound = merged([...all, ...scarce])
  const unsoundBy = new Map<string, readonly Window[]>()
  return {
    disturbances,
    ownStalls,
    waits,
    scarce,
    control,
    controlGaps: gaps,
    all,
    unsound,
    unsoundAt(node) {
      const known =
        unsoundBy.get(node) ?? (waiting.isByName ? merged([...all, ...scarceIn(waiting.at(node))]) : unsound)
      unsoundBy.set(node, known)
      return known
    },
    servingMs: waiting.servingMs,
    unusual: merged([...all, ...scarce.filter(([from, to]) => to - from > RESOLUTION_MS)]),
    serious: merged(disturbances.filter((each) => each.isSerious).map((each) => each.window)),
    usualGapMs: times.reduce((most, each) => Math.max(most, usualGapMs(each, [-Infinity, Infinity], told)), 0),
    slowestNear: slowestIn(slow),
    isWatched: ([from, to]) => controls.some((calls) => calls.t0 <= from && endOf(calls) >= to),
  }
}

/**
 * The machine as the lanes of each zone met it, on their way to what they call: the stalls are those of their own generator. What the control
 * lane suffered from its own generator, outside of every zone, says nothing of another.
 */
export const machinesByZone = (
  events: readonly Event[],
  controls: readonly Calls[],
  silent: Window | null,
): ((lane: Pick<LaneHeader, 'zone' | 'purpose'>) => Machine) => {
  const stallsIn = Map.groupBy(eventsOf(events, 'generator-stall'), ({ zone = 'outside' }) => zone)
  const shortages = eventsOf(events, 'processors-short')
  const known = new Map<string, Machine>()
  return ({ zone, purpose }) => {
    const goal = goalOf(purpose)
    const key = `${goal} ${zone}`
    const seen = zone === 'outside' ? controls : controls.map((each) => without(each, stallsIn.get('outside') ?? []))
    const waiting = (): Waiting => waitingOn(wayTo(goal, events, zone), shortages)
    const machine = known.get(key) ?? machineOf(stallsIn.get(zone) ?? [], seen, waiting(), silent)
    known.set(key, machine)
    return machine
  }
}

/** As if nobody had recorded the calls that were under way in its generator's stalls. */
const without = (calls: Calls, stalls: readonly EventOf<'generator-stall'>[]): Calls => {
  const code = calls.code.slice()
  for (const { at, stallMs } of stalls) {
    // A call that was due before may have been read late, and one that was due in it was sent late.
    for (let i = firstAt(calls, at - stallMs - LONGEST_READ_MS); i < firstAt(calls, at); i += 1)
      if (endedAt(calls, i) >= at - stallMs) code[i] = UNKNOWN
  }
  return { ...calls, code }
}

/** A time in which a caller lane was not answered. */
interface Gap {
  readonly from: number
  readonly to: number
  /** Less what the generator slept of it, where nobody knows what the deployment did meanwhile. */
  readonly lengthMs: number
  /** Sleeps of the generator's in which it is known to have gone on. Merged. */
  readonly known: readonly Window[]
  /** No call was lost in it. */
  readonly isStall: boolean
}

/**
 * What of the machine's own doing explains a gap in a caller lane, in words; null where nothing does. The control lane or the generator
 * stood still for half of it or more; or no call was lost in it, it is short of a certain outage, and there was no processor to be had
 * meanwhile (the echo needs so little that it may get its own while a gateway waits); or, for a gap that the sensor is allowed to miss
 * anyway and in which no call was lost, a control call nearby was slow enough.
 */
export const byTheMachine = (machine: Machine, { from, to, lengthMs, known, isStall }: Gap): string | null => {
  const halfMs = (to - from) / 2
  const sleptMs = to - from - lengthMs
  if (sleptMs >= halfMs) return `the generator stood still for ${sayMs(sleptMs)} of that`
  // While the generator slept nobody called the control lane either.
  const controlMs = coveredMs(known.length === 0 ? machine.controlGaps : outside(machine.controlGaps, known), from, to)
  if (controlMs >= halfMs)
    return `the control lane, which passes no gateway, was not answered for ${sayMs(controlMs)} of that`
  if (!isStall) return null
  const waitedMs = atMostWaitedMs(machine, [from, to])
  if (lengthMs < CERTAIN_MS && waitedMs >= SHORT_SHARE * (to - from))
    return `there was no processor to be had for ${sayMs(waitedMs)} of that`
  const slowestMs = machine.slowestNear([from, to])
  if (lengthMs > RESOLUTION_MS || HOPS * slowestMs < lengthMs) return null
  return `a call of the control lane, which passes no gateway, took ${sayMs(slowestMs)} nearby`
}

/** Whether the machine is out of question in a window: a control lane was answered as usual throughout, and nobody waited for a processor. */
export const wasQuiet = (machine: Machine, window: Window): boolean =>
  machine.isWatched(window) &&
  machine.slowestNear(window) === 0 &&
  coveredMs(machine.all, ...window) === 0 &&
  coveredMs(machine.scarce, ...window) === 0

interface SlowCall {
  readonly window: Window
  readonly tookMs: number
}

const slowCallsOf = (calls: Calls): readonly SlowCall[] => {
  const limitMs = Math.max(SLOW_CONTROL_MS, HOPS * usualMs(calls))
  const found: SlowCall[] = []
  for (let i = 0; i < calls.count; i += 1) {
    if (calls.code[i] !== ANSWERED) continue
    const tookMs = (calls.lane.latencyUs[i] ?? 0) / 1000
    if (tookMs > limitMs) found.push({ window: [scheduled(calls, i), endedAt(calls, i)], tookMs })
  }
  return found
}

const usualMs = (calls: Calls): number => {
  const took = new Uint32Array(calls.count)
  let answered = 0
  for (let i = 0; i < calls.count; i += 1)
    if (calls.code[i] === ANSWERED) took[answered++] = calls.lane.latencyUs[i] ?? 0
  return (took.subarray(0, answered).sort()[answered >> 1] ?? 0) / 1000
}

const gapsOf = (times: Float64Array, calls: Calls): readonly Window[] => {
  const found: Window[] = []
  const isGap = (from: number, to: number): boolean => to - from >= 3 * everyMsAt(calls, firstAt(calls, from))
  eachGap(times, 10, (from, to) => {
    if (isGap(from, to)) found.push([from, to])
  })
  return found
}

const lostOf = (calls: Calls): readonly Disturbance[] => {
  const windows: Window[] = []
  // One interval each: an unanswered call spoils the instant it was sent at, not the two seconds until its deadline.
  for (let i = 0; i < calls.count; i += 1)
    if (isLost(calls.code[i])) windows.push([scheduled(calls, i), scheduled(calls, i + 1)])
  return merged(windows).map((window) => {
    const because = `calls of lane ${calls.name} were lost between ${sayMs(window[0])} and ${sayMs(window[1])}, and that lane passes no gateway`
    return { source: 'control lane', window, because, isSerious: true, isStandstill: false }
  })
}

interface Standstill {
  readonly zone: string
  readonly window: Window
}

/** As each generator stood still: there is one in every zone that has callers, and what one of them did lengthens no other's. */
const standstills = (stalls: readonly EventOf<'generator-stall'>[]): readonly Standstill[] =>
  [...Map.groupBy(stalls, ({ zone = 'outside' }) => zone)].flatMap(([zone, its]) =>
    merged(its.map(({ at, stallMs }) => [at - stallMs, at])).map((window) => ({ zone, window })),
  )

const stallOf = ({ zone, window }: Standstill): Disturbance => {
  const length = window[1] - window[0]
  return {
    source: 'own stall',
    window,
    because: `the generator${zone === 'outside' ? '' : ` in zone ${zone}`} stood still for ${sayMs(length)} at ${sayMs(window[0])}`,
    isSerious: length > RESOLUTION_MS,
    isStandstill: true,
  }
}

/** A sleep that nobody wrote down would be taken for an outage. */
const silenceOf = (window: Window): Disturbance => ({
  source: 'own stall',
  window,
  because: `nobody wrote down whether the generator stood still after ${sayMs(window[0])}: the history ends there`,
  isSerious: true,
  isStandstill: false,
})

const gapOf = (window: Window, ownStalls: readonly Window[]): readonly Disturbance[] => {
  const length = window[1] - window[0] - coveredMs(ownStalls, ...window)
  if (length <= 0) return []
  const because = `the control lane, which passes no gateway, was not answered for ${sayMs(length)} at ${sayMs(window[0])}`
  return [{ source: 'control lane', window, because, isSerious: length > RESOLUTION_MS, isStandstill: true }]
}

const slowestIn = (slow: readonly SlowCall[]): ((window: Window) => number) => {
  const inOrder = slow.toSorted((a, b) => a.window[1] - b.window[1])
  const ends = Float64Array.from(inOrder, (each) => each.window[1])
  return ([from, to]) => {
    let most = 0
    for (let i = lowerBound(ends, from - AROUND_MS); i < inOrder.length; i += 1) {
      const each = inOrder[i]
      // Ends are in order, starts nearly so: a call that ends long after the gap may still have begun in it.
      if (!each || each.window[1] - to > AROUND_MS + 2000) break
      if (each.window[0] <= to + AROUND_MS) most = Math.max(most, each.tookMs)
    }
    return most
  }
}
