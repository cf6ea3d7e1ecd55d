// What balancers wrote about each call, and the time stamps Docker puts before every log line.
import type { BalancerCall } from './history.ts'

/** Splits `2026-11-20T23:44:33.123456789Z text` into wall-clock ms since 1970 and text; null when it is not so. */
export const splitStamp = (line: string): { readonly wallMs: number; readonly text: string } | null => {
  const match = STAMP.exec(line)
  if (!match) return null
  const [whole, seconds, fraction = '', zone = 'Z'] = match
  const wallMs = Date.parse(`${seconds}${zone}`) + Number(`0.${fraction || '0'}`) * 1000
  return Number.isNaN(wallMs) ? null : { wallMs, text: line.slice(whole.length) }
}

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?/

/** Whether the line is about one call: these go to balancerCalls and not to the log. */
export const isBalancerCall = (line: string): boolean => line.includes('firedrill call=')

/**
 * One call as the balancer's log format says it:
 * `firedrill call=<X-Request-Id> at=<seconds>.<ms> [idle=<ms>] took=<ms> backend= server= retries= status= termination=`.
 * `startedAtMs` is the wall clock at the run's 0. Null when the line names no call or is cut short.
 */
export const parseBalancerCall = (line: string, startedAtMs: number): BalancerCall | null => {
  const match = CALL.exec(line)
  if (!match) return null
  const [, requestId = '', at, idle, took, server, retries, status, termination = ''] = match
  if (requestId === '-') return null
  const tookMs = Math.max(0, Number(took))
  const from = takenAt({ atMs: Number(at) * 1000, idle, tookMs, stamp: splitStamp(line) }) - startedAtMs
  return {
    requestId: ownCopy(requestId),
    node: server === undefined || server === '<NOSRV>' || server === '-' ? null : interned(server),
    termination: interned(termination),
    retries: Math.abs(Number(retries)),
    status: Math.max(0, Number(status)),
    from,
    to: from + tookMs,
  }
}

/**
 * When the request came in. HAProxy's date (%Ts) is, on a kept-alive connection, the end of the answer before: %Ti, the idle
 * time, brings it to the request's first byte. Where the format has no idle time, the line's own stamp is the request's end.
 */
const takenAt = (call: {
  readonly atMs: number
  readonly idle: string | undefined
  readonly tookMs: number
  readonly stamp: { readonly wallMs: number } | null
}): number => {
  if (call.idle !== undefined) return call.atMs + Math.max(0, Number(call.idle))
  return call.stamp ? call.stamp.wallMs - call.tookMs : call.atMs
}

// HAProxy writes a `+` before retries when it redispatched, and -1 for a status or a time that never came.
const CALL =
  /firedrill call=(\S+) at=(\d+\.\d{1,3})(?: idle=(-?\d+))? took=\+?(-?\d+) backend=\S+ server=(\S+) retries=([+-]?\d+) status=(-?\d+) termination=([^\s"']{2,4})/

const names = new Map<string, string>()
// A handful of names stand in millions of lines: one string for each, not a slice that keeps its whole line alive.
const interned = (name: string): string => {
  const known = names.get(name)
  if (known !== undefined) return known
  const copy = ownCopy(name)
  if (names.size < 10_000) names.set(copy, copy)
  return copy
}

const ownCopy = (slice: string): string => Buffer.from(slice).toString()
