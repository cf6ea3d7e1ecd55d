// One call and how it ended: the vocabulary that callers write and analysis reads.
import type { Ramp } from './schedule.ts'

export { type Ramp, type Schedule, scheduledAt } from './schedule.ts'

/** How a scheduled call ended. Exactly one of these, for every call. */
export const OUTCOMES = ['answered', 'wrong', 'refused', 'unanswered', 'unsent'] as const

/**
 * answered: in time, as expected, whole body. wrong: a status line came, but not the expected answer.
 * refused: no status line (connection refused, reset or closed). unanswered: the deadline passed.
 * unsent: the generator did not send it.
 */
export type Outcome = (typeof OUTCOMES)[number]

/** What exactly went wrong; 'none' for an answered call. The index is what the calls file stores. */
export const ERROR_CLASSES = [
  'none',
  'server-error', // a 5xx status: wrong
  'client-error', // a 4xx status: wrong
  'other-status', // any other unexpected status: wrong
  'mismatch', // the expected status with another body: wrong
  'truncated', // the body ended early: wrong
  'connection-refused', // refused
  'connection-reset', // refused
  'connection-closed', // FIN before a status line: refused
  'unreachable', // no route to the host: refused
  'tls-failure', // refused
  'deadline', // unanswered
  'shed', // over the in-flight cap: unsent
  'generator-late', // the generator itself came too late to send it: unsent
  'stopped', // the lane was closed before it was due: unsent
  'other', // refused, and worth a look
] as const

export type ErrorClass = (typeof ERROR_CLASSES)[number]

/** The outcome that goes with each error class. */
export const outcomeOf = (errorClass: ErrorClass): Outcome => {
  switch (errorClass) {
    case 'none':
      return 'answered'
    case 'server-error':
    case 'client-error':
    case 'other-status':
    case 'mismatch':
    case 'truncated':
      return 'wrong'
    case 'connection-refused':
    case 'connection-reset':
    case 'connection-closed':
    case 'unreachable':
    case 'tls-failure':
    case 'other':
      return 'refused'
    case 'deadline':
      return 'unanswered'
    case 'shed':
    case 'generator-late':
    case 'stopped':
      return 'unsent'
  }
}

/** The node column's value for 'nobody said'. */
export const NO_NODE = 255

/** Bits of the flags column. */
export const FLAGS = {
  /** Bytes were sent and the method is not idempotent: the call may have had its effect. */
  mayHaveHappened: 1,
  /** It opened a connection of its own instead of reusing one. */
  newConnection: 2,
  /** It was sent once more, on another connection: the first had been closed as idle, or had not taken it. */
  sentAgain: 4,
} as const

/** RFC 9110 §9.2.2: whether making it twice does no more than making it once. */
export const isRepeatable = (method: string): boolean => REPEATABLE.has(method)

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** What a lane is for, which says how it is judged. */
export type LanePurpose =
  | 'callers' // clients of the data plane through its balancer: full outage is judged here
  | 'control' // an echo beside the deployment: disturbance here is the sensor's, never the deployment's
  | 'dashboard' // an authenticated read of the Dashboard: dashboardOutage is judged here
  | 'direct' // one data-plane node without a balancer

/** One kind of request in a lane's mix. Neither its query, its headers nor its body: those may be secret, and are never recorded. */
export interface MixedRoute {
  /** 'GET /orders/42'. */
  readonly route: string
  /** Of so many calls as all weights come to, so many are this one. */
  readonly weight: number
}

/** Everything about a lane but its calls; the first line of its file. */
export interface LaneHeader {
  readonly schema: 'firedrill.calls/1'
  /** Unique in a run and fit for a file name: 'kept-alive'. */
  readonly lane: string
  readonly purpose: LanePurpose
  /** The zone the caller stands in. */
  readonly zone: string
  readonly connections: 'kept-alive' | 'new'
  /** HTTP/1.1 where nothing is said. */
  readonly protocol?: 'h2'
  /** direct: whom it calls. */
  readonly node?: string
  readonly method: string
  readonly url: string
  /** Calls a second: one in each interval of 1000 / rate ms. */
  readonly rate: number
  /** When the interval of call 0 begins, ms since the run began. */
  readonly t0: number
  /** Draws the instant of each call in its interval, an integer of 32 bits; without it every call stands at the beginning. */
  readonly seed?: number
  /** How `rate` changed while the lane ran; the file of its calls was begun without them, the events `ramp` have them. */
  readonly ramps?: readonly Ramp[]
  readonly deadlineMs: number
  /** The node column indexes this list: every node that could answer, by name. NO_NODE is none of them. */
  readonly nodes: readonly string[]
  /** X-Request-Id of call i is `${requestIdPrefix}${i}`. */
  readonly requestIdPrefix: string
  /** What it asks for, where that is not always `method` and `url`: history/mix.ts says which of them call i is. */
  readonly mix?: readonly MixedRoute[]
}

/**
 * The calls of one lane in columns, 13 bytes a call; row i is call i, scheduled at `scheduledAt(header, i)`.
 * A row that the file does not hold (a torn file, a killed caller) has `recorded[i]` 0: nobody knows how it ended.
 */
export interface Lane {
  readonly header: LaneHeader
  /** How many calls were scheduled before the lane was closed: every column has this length. */
  readonly count: number
  /** Send minus schedule, in µs. */
  readonly lateUs: Uint32Array
  /** End minus schedule, in µs; an unanswered call has its deadline or more. */
  readonly latencyUs: Uint32Array
  /** Index into ERROR_CLASSES. */
  readonly errorClass: Uint8Array
  /** Index into header.nodes, or NO_NODE. */
  readonly node: Uint8Array
  /** FLAGS, or-ed. */
  readonly flags: Uint8Array
  /** HTTP status, 0 when none came. */
  readonly status: Uint16Array
  readonly recorded: Uint8Array
}
