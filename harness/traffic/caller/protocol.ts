// What the host and the program in the container say to each other: commands in, frames out.
import type { Ramp } from '../../history/schedule.ts'

/** A lane as the program needs it: everything the host's plan says, and who could answer. */
export interface LaneOrder {
  readonly lane: string
  readonly connections: 'kept-alive' | 'new'
  /** HTTP/1.1 where nothing is said. */
  readonly protocol?: 'h2'
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** PEM certificates that an https answer must chain to; without it any certificate will do. */
  readonly ca?: string
  readonly rate: number
  /** Draws the instant of each call in its interval: history/call.ts. */
  readonly seed?: number
  readonly deadlineMs: number
  readonly expectStatus: number
  /** The answer must hold `"requestId":"<the call's own id>"`, and `"bodySha256":"<hash>"` of a body that was sent. */
  readonly expectEcho: boolean
  /** The body must hold this text; read only without an echo. */
  readonly expectBody?: string
  /** Response headers that tell the node, the most direct first. */
  readonly nodeHeaders: readonly string[]
  readonly nodes: readonly string[]
  /** What those headers may say, a node's name or one of its addresses, and the place in `nodes` of who is meant. */
  readonly knownAs: Readonly<Record<string, number>>
  readonly requestIdPrefix: string
  /** A mix: call i is one of these, by `seed`, on the origin of `url`; without it every call is `method` and `url`. */
  readonly requests?: readonly RequestOrder[]
}

/** Every final status of a hundred. */
export type StatusRange = '2xx' | '3xx' | '4xx'

/** One kind of request in a mix. */
export interface RequestOrder {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly expectStatuses: readonly (number | StatusRange)[]
  /** The body must hold this text. */
  readonly expectBody?: string
  /** The body must hold `"requestId":"<the call's own id>"`. */
  readonly expectEcho: boolean
  /** A whole number above nought. */
  readonly weight: number
}

export interface GetOrder {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
  /** PEM: who asks, where https wants to know. */
  readonly cert?: string
  readonly key?: string
}

export interface ConnectOrder {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

export interface NegotiateOrder {
  readonly host: string
  readonly port: number
  /** What is offered, the most wanted first: 'h2'. */
  readonly protocols: readonly string[]
  readonly timeoutMs: number
}

export interface ResolveOrder {
  readonly name: string
  readonly timeoutMs: number
}

/** Every group is saturated for so many turns at most: servers that never stop growing are not waited for. */
export const MOST_TURNS = 8

/** A closed loop against every server of a group at once, group after group. */
export interface SaturateOrder {
  /** The URLs of each group. */
  readonly groups: readonly (readonly string[])[]
  /** To each server. */
  readonly connections: number
  /** Of one turn of one group; every group gets up to MOST_TURNS, until servers are warm. */
  readonly seconds: number
}

/** One line of JSON on standard input. Every command is answered by one `reply` or `refusal` with its id. */
export type Command = { readonly id: number } & Order

export type Order =
  | { readonly order: 'hello' }
  | { readonly order: 'clock' }
  | { readonly order: 'open'; readonly lane: LaneOrder }
  | { readonly order: 'ramp'; readonly lane: string; readonly to: number; readonly overMs: number }
  | { readonly order: 'close'; readonly lane: string }
  | { readonly order: 'get'; readonly get: GetOrder }
  | { readonly order: 'connect'; readonly connect: ConnectOrder }
  | { readonly order: 'negotiate'; readonly negotiate: NegotiateOrder }
  | { readonly order: 'resolve'; readonly resolve: ResolveOrder }
  | { readonly order: 'saturate'; readonly saturate: SaturateOrder }
  | { readonly order: 'keep'; readonly host: string; readonly port: number }
  | { readonly order: 'ask-kept'; readonly kept: number; readonly limitMs: number; readonly answers: number }
  | { readonly order: 'let-go'; readonly kept: number }

/** What each order is answered with. All times are ms on the program's monotonic clock. */
export interface Replies {
  /** `bootId` names the running kernel: the same id on both sides means the same clock. */
  readonly hello: { readonly bootId: string; readonly nowMs: number }
  readonly clock: { readonly nowMs: number }
  /** `number` marks the lane's rows; `t0` is when the interval of call 0 begins. */
  readonly open: { readonly number: number; readonly t0: number }
  /** Where in the lane's schedule it begins: no call before that is due at another instant than it was. */
  readonly ramp: { readonly ramp: Ramp }
  /** Exactly this many calls were due before the lane was closed; all their rows have been sent. */
  readonly close: { readonly count: number }
  readonly get: GetAnswer
  readonly connect: ConnectAnswer
  readonly negotiate: NegotiateAnswer
  readonly resolve: ResolveAnswer
  readonly saturate: SaturateAnswer
  readonly keep: KeepAnswer
  readonly 'ask-kept': KeptAnswer
  readonly 'let-go': null
}

/** A frame holds 4 MiB, and JSON may make six bytes of one. */
export const MOST_BODY_BYTES = 640 * 1024

export interface GetAnswer {
  /** A whole answer came in time, whatever its status. */
  readonly ok: boolean
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The first 640 kB, as UTF-8. */
  readonly body: string
  /** There was more of it. */
  readonly isCut?: true
  readonly from: number
  readonly to: number
  readonly error?: string
}

export type ConnectOutcome = 'connected' | 'refused' | 'unreachable' | 'timed-out'

export interface ConnectAnswer {
  readonly outcome: ConnectOutcome
  readonly from: number
  readonly to: number
}

/** What a TLS port chose of what it was offered; null where it chose none. */
export interface NegotiateAnswer {
  /** False: it said nothing of it, since no handshake came about in time. */
  readonly isMade: boolean
  readonly chosen: string | null
  readonly from: number
  readonly to: number
}

/** What the network's name server says; empty where it knows nothing, or says nothing in time. */
export interface ResolveAnswer {
  readonly addresses: readonly string[]
  readonly from: number
  readonly to: number
}

/** What each server carried while all of its group were saturated, in the order asked. */
export interface SaturateAnswer {
  readonly groups: readonly (readonly Carried[])[]
}

export interface Carried {
  readonly url: string
  /** Answers of 2xx. */
  readonly callsPerSecond: number
  /** Other answers, broken connections, and calls that were given up after 10 s. */
  readonly failed: number
}

/** The number of a connection that stays open. */
export interface KeepAnswer {
  readonly kept: number
}

/** silent: not every status line came in time. reset: the connection is closed, by whomever. */
export interface KeptAnswer {
  readonly outcome: 'answered' | 'silent' | 'reset'
  readonly from: number
  readonly to: number
  /** What came until then. */
  readonly bytes: number
}

/** The JSON frames on standard output. */
export type Message =
  | { readonly kind: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly because: string }
  /** The sending thread stood still. */
  | { readonly kind: 'stall'; readonly from: number; readonly to: number }
  /** The program cannot go on; it ends after this. */
  | { readonly kind: 'lost'; readonly because: string }
