// Marks on the calls of a lane: which were lost, whose loss is in doubt, and whose latency is the deployment's own.
import { ERROR_CLASSES, NO_NODE } from '../history/call.ts'
import type { Window } from './analysis.ts'
import type { Baseline } from './baseline.ts'
import { APART, type Calls, endedAt, isLost, rangeOf, SHED, scheduled, UNANSWERED, UNSENT } from './calls.ts'
import { type Machine, RESOLUTION_MS } from './machine.ts'
import { coveredMs } from './windows.ts'

/** A call that left later than this after its schedule says more about the generator than about the deployment. */
export const LATE_MS = 5

/** An answer may have lain unread while the generator slept for this share of the time until the deadline. */
const SLEPT_SHARE = 0.1

/** Indices in ERROR_CLASSES of what becomes of a call whose connection somebody ended. */
const CUT: ReadonlySet<number> = new Set(
  (['connection-reset', 'connection-closed'] as const).map((name) => ERROR_CLASSES.indexOf(name)),
)

/** One byte a call in each. */
export interface Marks {
  /** wrong, refused, unanswered; and shed where the cap held it back because nobody was answered, and that was not the machine's doing. */
  readonly lost: Uint8Array
  /** Lost while the machine was seriously disturbed, or unanswered because the generator stood still. */
  readonly inDoubt: Uint8Array
  /** Lost for certain: lost and not in doubt. */
  readonly lostForCertain: Uint8Array
  /** Sent on time, while nothing but the deployment could hold it up. */
  readonly isSound: Uint8Array
}

/** Marks every call of a lane. `unserved`: when the deployment answered none of its calls, in an outage or by chance. */
export const marksOf = (calls: Calls, baseline: Baseline, machine: Machine, unserved: readonly Window[]): Marks => {
  const whileUnserved = maskOf(calls, unserved, 0)
  const [whileDisturbed, whileDisturbedAt] = disturbed(calls, machine, baseline.p999Ms + calls.everyMs)
  const [control, own] = (['control lane', 'own stall'] as const).map((source) =>
    maskOf(
      calls,
      machine.disturbances.filter((each) => each.isSerious && each.source === source).map((each) => each.window),
      baseline.p999Ms + calls.everyMs,
    ),
  )
  const marks = {
    lost: new Uint8Array(calls.count),
    inDoubt: new Uint8Array(calls.count),
    lostForCertain: new Uint8Array(calls.count),
    isSound: new Uint8Array(calls.count),
  }
  for (let i = 0; i < calls.count; i += 1) {
    const lateMs = (calls.lane.lateUs[i] ?? 0) / 1000
    marks.isSound[i] =
      lateMs <= LATE_MS &&
      !(whileDisturbedAt[calls.lane.node[i] ?? NO_NODE] ?? whileDisturbed)[i] &&
      calls.code[i] !== APART
        ? 1
        : 0
    const wasShed = calls.code[i] === UNSENT && calls.lane.errorClass[i] === SHED
    if (!isLost(calls.code[i]) && !(wasShed && whileUnserved[i])) continue
    marks.lost[i] = 1
    // A refusal is a refusal, however late it was asked for; but a deadline that passed while we slept is ours, and so may be the end
    // of a connection on which we said nothing for so long.
    const sleptMs = coveredMs(machine.ownStalls, scheduled(calls, i), endedAt(calls, i))
    const isOurs =
      (calls.code[i] === UNANSWERED &&
        (own?.[i] === 1 ||
          lateMs > RESOLUTION_MS ||
          sleptMs > SLEPT_SHARE * (endedAt(calls, i) - scheduled(calls, i)))) ||
      (CUT.has(calls.lane.errorClass[i] ?? 0) && (own?.[i] === 1 || sleptMs > RESOLUTION_MS))
    marks.inDoubt[i] = control?.[i] === 1 || isOurs ? 1 : 0
    marks.lostForCertain[i] = marks.inDoubt[i] ? 0 : 1
  }
  return marks
}

/** For all calls alike, and for those that each of the lane's nodes answered, by its index: of whom they passed more is known. */
const disturbed = (calls: Calls, machine: Machine, beforeMs: number): readonly [Uint8Array, readonly Uint8Array[]] => {
  const all = maskOf(calls, machine.unsound, beforeMs)
  const byNode = calls.lane.header.nodes.map((node) => {
    const windows = machine.unsoundAt(node)
    return windows === machine.unsound ? all : maskOf(calls, windows, beforeMs)
  })
  return [all, byNode]
}

/**
 * 1 for every call scheduled in a window, or at most so long before that and under way when it began. What had ended by then was not
 * touched by it; and a call that was slow all along is not excused by what it lived to see.
 */
export const maskOf = (calls: Calls, windows: readonly Window[], beforeMs: number): Uint8Array => {
  const mask = new Uint8Array(calls.count)
  for (const [from, to] of windows) {
    const [inside, last] = rangeOf(calls, [from, to])
    mask.fill(1, inside, last)
    for (let i = rangeOf(calls, [from - beforeMs, from])[0]; i < inside; i += 1)
      if (endedAt(calls, i) >= from) mask[i] = 1
  }
  return mask
}
