// Which node a call joins to: by its answer, or by the balancer's log through its X-Request-Id.
import type { BalancerCall, History } from '../history/history.ts'
import { ANSWERED, answeringNode, type Calls, endedAt } from './calls.ts'

/** Joins calls to nodes. */
export interface Attribution {
  /** The node that answered call i or that the balancer chose last for it, or that was called without one; null when nobody knows. */
  nodeOf(calls: Calls, i: number): string | null
  /** The balancer's own line about call i. */
  lineOf(calls: Calls, i: number): BalancerCall | undefined
}

/** Whether a balancer wrote of callers' calls: the control plane's logs the Dashboard's alone, and does not say whom callers' own had. */
export const hasCallersLog = ({ lanes, balancerCalls }: Pick<History, 'lanes' | 'balancerCalls'>): boolean => {
  const prefixes = lanes.flatMap(({ header }) => (header.purpose === 'callers' ? [header.requestIdPrefix] : []))
  return balancerCalls.some(({ requestId }) => prefixes.some((prefix) => requestId.startsWith(prefix)))
}

/** Joins once, into one Int32Array a lane: a million lines must not become a million entries of a map. */
export const attribute = (lanes: readonly Calls[], log: readonly BalancerCall[]): Attribution => {
  const lines = new Map(lanes.map((calls) => [calls.name, new Int32Array(calls.count).fill(-1)]))
  const prefixes = lanes
    .map((calls) => ({ prefix: calls.lane.header.requestIdPrefix, column: lines.get(calls.name) }))
    .sort((a, b) => b.prefix.length - a.prefix.length)
  for (let k = 0; k < log.length; k += 1) {
    const id = log[k]?.requestId ?? ''
    for (const { prefix, column } of prefixes) {
      if (!column || !id.startsWith(prefix)) continue
      const i = Number(id.slice(prefix.length))
      if (!Number.isInteger(i) || i < 0 || i >= column.length) continue
      column[i] = k
      break
    }
  }
  const aheadMs = aheadOf(lanes, lines, log)
  const lineOf = (calls: Calls, i: number): BalancerCall | undefined => {
    const line = log[lines.get(calls.name)?.[i] ?? -1]
    return line && aheadMs !== 0 ? { ...line, from: line.from - aheadMs, to: line.to - aheadMs } : line
  }
  return {
    lineOf,
    nodeOf: (calls, i) => answeringNode(calls, i) ?? lineOf(calls, i)?.node ?? calls.lane.header.node ?? null,
  }
}

/** Calls of a lane that are looked at: more say the same. */
const SAMPLES = 1000

/** By fewer nobody can tell. */
const LEAST = 20

/** What is no more is the way from the balancer to the caller, and the log's whole milliseconds. */
const USUAL_MS = 10

/**
 * How far the balancer's clock is ahead of the callers', ms: its engine may run on another kernel, whose wall clock is another. By the middle
 * of what lies between the end of a call that was answered and the end that its line says; 0 where the two agree.
 */
const aheadOf = (
  lanes: readonly Calls[],
  lines: ReadonlyMap<string, Int32Array>,
  log: readonly BalancerCall[],
): number => {
  const apart: number[] = []
  for (const calls of lanes) {
    const column = lines.get(calls.name)
    const stride = Math.max(1, Math.floor(calls.count / SAMPLES))
    for (let i = 0; i < calls.count; i += stride) {
      const line = log[column?.[i] ?? -1]
      if (line && calls.code[i] === ANSWERED) apart.push(line.to - endedAt(calls, i))
    }
  }
  const middle = apart.sort((a, b) => a - b)[Math.floor(apart.length / 2)] ?? 0
  return apart.length >= LEAST && Math.abs(middle) > USUAL_MS ? middle : 0
}

/** Names by how often they were counted, most first; what joins to nobody ('') is left out. */
export const mostHit = (counts: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(counts)
    .filter(([name, count]) => name !== '' && count > 0)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([name]) => name)
