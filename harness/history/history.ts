// The record of a run as a plain value: what analysis takes, whether it was just written or read back from files.
import type { Lane } from './call.ts'
import type { Event } from './event.ts'

/** One line of a balancer's log that carries one of our X-Request-Ids: callers' calls, and the Dashboard's where that balancer logs them. */
export interface BalancerCall {
  readonly requestId: string
  /** The server the balancer chose last; null when it chose none. */
  readonly node: string | null
  /** HAProxy's termination state, '----' when all went well. */
  readonly termination: string
  readonly retries: number
  readonly status: number
  /** When the balancer took the request and when it was done with it, ms since the run began. */
  readonly from: number
  readonly to: number
}

/** A log line kept for a finding to point at. */
export interface LogLine {
  /** Relative to the scenario's folder, as in 'logs/data-plane-1.log'. */
  readonly file: string
  /** 1 is the first. */
  readonly line: number
  /** ms since the run began, when the line says. */
  readonly at: number
  readonly text: string
}

/** Everything that happened in one scenario. */
export interface History {
  readonly events: readonly Event[]
  readonly lanes: readonly Lane[]
  readonly balancerCalls: readonly BalancerCall[]
  /** Log lines of nodes and balancers, in order of time. */
  readonly log: readonly LogLine[]
}
