// Everything that can happen in a run besides calls: one union, in the order a drill meets it.
import type { CheckSettings, RotationState } from '../topology/check.ts'
import type { Topology } from '../topology/topology.ts'
import type { LaneHeader, Ramp } from './call.ts'

/** What we can break, as the report calls it. */
export const FAULT_KINDS = [
  // a node's processes
  'stop',
  'kill',
  'pause',
  'restart',
  'crash',
  'flap',
  'replace',
  // what the balancers give it
  'drain',
  // a balancer's own configuration, read again
  'reload',
  // its packets
  'isolate',
  'one-way',
  'reject',
  'partition',
  'loss',
  'bandwidth',
  'slow',
  // all of a zone
  'outage',
  // what it runs on
  'cpu',
  'memory',
  'disk',
  // who leads the database, and with what a gateway shows who it is
  'switchover',
  'certificate',
  // what it is made of, and what it was told
  'upgrade',
  'reconfigure',
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

/** Kinds that put another container in the node's place: once in effect the node may serve, and its fault is how well. */
const STANDS_IN: ReadonlySet<FaultKind> = new Set(['replace', 'upgrade', 'reconfigure'])

export const standsIn = (kind: FaultKind): boolean => STANDS_IN.has(kind)

/** Kinds that tell the node's processes to end, and leave them their time. */
const GRACEFUL: ReadonlySet<string> = new Set<FaultKind>(['stop', 'restart', 'replace', 'upgrade', 'reconfigure'])

export const isGraceful = (kind: string): boolean => GRACEFUL.has(kind)

/** Kinds that end the node's processes: healed, it has to start. */
const ENDS_PROCESSES: ReadonlySet<FaultKind> = new Set([
  'stop',
  'kill',
  'restart',
  'crash',
  'flap',
  'replace',
  'upgrade',
  'reconfigure',
  'outage',
])

export const endsProcesses = (kind: FaultKind): boolean => ENDS_PROCESSES.has(kind)

/** One independent sign that a fault is, or is no longer, in effect. Never the injector's own word. */
export interface Evidence {
  /** 'engine event', 'container state', 'probe from inside', 'balancer state'. */
  readonly source: string
  /** What was seen, as a sentence for the report. */
  readonly said: string
  readonly confirms: boolean
  readonly at: number
  readonly container?: string
}

/** A fault's way: intent → injected → in-effect → heal → healed → clear; or `failed` at any of them. */
export type FaultStage = 'intent' | 'injected' | 'in-effect' | 'heal' | 'healed' | 'clear' | 'failed'

/** One limit that the author demands; the keys are OBJECTIVES in verdict/objectives.ts. */
export type Demand = Readonly<Record<string, number | string>>

/** What a script demanded where a team's own limit stands in its claim; null where it demanded nothing. */
export type ScriptLimits = Readonly<Record<string, number | string | null>>

/** How the scenario describes itself and what a healthy deployment may lose in it. */
export interface ScenarioInfo {
  readonly name: string
  readonly title: string
  readonly file: string
  readonly tags: readonly string[]
  readonly runbook?: { readonly page: string; readonly section: string }
}

/**
 * Where one process may have waited for this share of a stretch or more, processors were short for all of it; below it, for some of it that
 * nobody can place.
 */
export const SCARCE_SHARE = 0.5

/** What was set for the whole run, and goes on the verdict's first screen. */
export interface Settings {
  readonly rate: number
  readonly deadlineMs: number
  /** What callers draw their requests from, by the file's own name: 'the profile orders.calls.json, 4 requests'. */
  readonly calls?: string
  readonly lbCheck: string
  /** What the callers' balancer distributes: calls (http, also where absent), or connections and whatever comes on them (tcp). */
  readonly lbMode?: 'http' | 'tcp'
  readonly timings: string
  /** How the callers' balancer checks, for predictions; from its configuration. */
  readonly check?: CheckSettings
  /** The same of every balancer that checks, by name. */
  readonly checks?: Readonly<Record<string, CheckSettings>>
  /** When the database's members give their primary up. */
  readonly patroni?: PatroniSettings
  /** How long a gateway's watch may be silent before the gateway opens another one. */
  readonly watchTimeoutMs?: number
  /** What was set otherwise than the Compose files have it: { LB_MODE: 'tcp' }. */
  readonly variables?: Readonly<Record<string, string>>
}

/** Patroni's lease of the leader key, its loop, and its patience with the config store. */
export interface PatroniSettings {
  readonly ttlMs: number
  readonly loopWaitMs: number
  readonly retryTimeoutMs: number
}

/**
 * Who had to wait for a processor: nodes and services by their names, 'callers' and 'callers-<zone>', 'echo', 'kernel', 'harness', and 'browser' for
 * what the harness started. For so many ms, all threads added up, and not before `since`, ms of the run: a wait is counted when it is over. `firstMs` is how
 * long of that the first thread of one of its processes waited, the one that waited longest: those serve, where a process serves from one thread.
 */
export type Waited = Readonly<Record<string, readonly [ms: number, since: number, firstMs?: number]>>

/** Of those, who sits before the Dashboard's page: no caller's call passes them. */
export const BEFORE_THE_PAGE: ReadonlySet<string> = new Set(['harness', 'browser'])

/** `at` is ms since the run began, on the callers' monotonic clock, in every event. */
export type Event = { readonly at: number } & (
  | {
      readonly kind: 'run'
      readonly schema: 'firedrill.history/1'
      readonly run: string
      readonly scenario: ScenarioInfo
      readonly topology: Topology
      readonly settings: Settings
      readonly seed: number
      /** Of what runs beside the deployment's own containers: callers, the control lane's echo, fault helpers. Image reference → image id. */
      readonly images?: Readonly<Record<string, string>>
      /** Of what nodes may be upgraded to. */
      readonly upgradeTo?: Readonly<Record<string, string>>
      /** ISO 8601, the wall clock at `at` 0. */
      readonly startedAt: string
      /** A teardown that is ok comes last. Absent in older histories: of those nobody knows whether they were cut off there. */
      readonly endsWith?: 'teardown'
    }
  /**
   * The callers' clock against ours: exact on one kernel, else estimated by round trips. The first one places every call; one more as
   * the lanes close shows whether it held. `zone` as in generator-stall.
   */
  | {
      readonly kind: 'clock'
      readonly sameKernel: boolean
      readonly offsetMs: number
      readonly errorMs: number
      readonly zone?: string
    }
  | { readonly kind: 'lane'; readonly header: LaneHeader }
  /** The lane's rate changes from here on: written down before the first call that it concerns is on record. */
  | { readonly kind: 'ramp'; readonly lane: string; readonly ramp: Ramp }
  /** The lane was closed: exactly `count` calls were scheduled. */
  | { readonly kind: 'lane-closed'; readonly lane: string; readonly count: number }
  /** The generator's own event loop stood still for `stallMs`, ending at `at`: that of the callers in `zone`, outside where absent. */
  | { readonly kind: 'generator-stall'; readonly stallMs: number; readonly zone?: string }
  /**
   * Somebody was kept waiting for a processor during `share` of [since, at], by the kernel's own count: the average over processors, by how
   * busy each was. At most `processors` of them were busy, so that one process may have waited for so many times as long. 1 in older records.
   * `waited` says who that was; where it is absent the kernel did not tell, and it may have been anybody.
   */
  | {
      readonly kind: 'processors-short'
      readonly since: number
      readonly share: number
      readonly processors?: number
      readonly waited?: Waited
    }
  /** The harness's own event loop stood still for `stallMs`, ending at `at`: whatever it timed then took no longer than it says. */
  | { readonly kind: 'harness-stall'; readonly stallMs: number }
  /** The callers died, or their stream tore: what came until then is readable, what came after is unknown. */
  | { readonly kind: 'generator-lost'; readonly because: string; readonly zone?: string }
  /** A look at everything that has to hold before a fault, and after the last. */
  | {
      readonly kind: 'steady'
      readonly ok: boolean
      readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly because: string }[]
      /** Where each check held in the end, and not all of them for long enough: those that did not, at the last look that saw one. */
      readonly lastAmiss?: {
        readonly at: number
        readonly checks: readonly { readonly name: string; readonly because: string }[]
      }
    }
  /** A runbook step, named by test.step or by the act itself ("stop control-plane-1"). */
  | {
      readonly kind: 'step'
      readonly id: number
      readonly stage: 'begin' | 'end'
      readonly title: string
      readonly error?: string
    }
  | {
      readonly kind: 'fault'
      readonly id: string
      readonly fault: FaultKind
      /** Names of nodes. */
      readonly targets: readonly string[]
      readonly stage: FaultStage
      /** What was asked beyond the targets: `{ share: 0.3 }`. */
      readonly asked?: Readonly<Record<string, string | number>>
      /** in-effect: witnesses that it is. heal: whether it was until then. clear: that it is no longer. */
      readonly evidence?: readonly Evidence[]
      /** in-effect and clear: the true instant lies in [atLeast, atMost]. */
      readonly bounds?: readonly [atLeast: number, atMost: number]
      /** Declared by the scenario: nobody may survive this fault. */
      readonly plannedDowntime?: boolean
      /** failed: why. heal: who, where it was not the script: 'fixture', or 'longest life' when that was over. */
      readonly because?: string
    }
  /** The engine's own event stream, independent of what we asked for. */
  | {
      readonly kind: 'engine'
      readonly container: string
      readonly node: string
      readonly action: string
      readonly exitCode?: number
      readonly signal?: string
    }
  /** A balancer changed its mind about a node; `lastLookAt` is the last look that saw the old state. */
  | {
      readonly kind: 'rotation'
      readonly balancer: string
      readonly backend: string
      readonly node: string
      readonly state: RotationState
      readonly was?: RotationState
      readonly lastLookAt: number
      /** The balancer's own words: 'L4CON', 'L7STS 503'. */
      readonly reason?: string
    }
  /** The look at a balancer failed from `since` until now. */
  | { readonly kind: 'rotation-blind'; readonly balancer: string; readonly since: number; readonly because: string }
  | {
      readonly kind: 'change'
      readonly id: string
      readonly by: 'operator' | 'dashboard'
      readonly what: string
      /** sent; accepted (acknowledged); refused (a clear no); unknown (no answer: may or may not be there); seen at `node`. */
      readonly stage: 'sent' | 'accepted' | 'refused' | 'unknown' | 'seen'
      readonly node?: string
      /** seen: the last look that did not see it. */
      readonly lastLookAt?: number
      readonly because?: string
      /** What a change that came to nothing was answered with; absent where nobody answered, and in records of before this was told. */
      readonly status?: number
      /** What the Dashboard's page said to whoever sat before it of a change that came to nothing; null where it said nothing. */
      readonly said?: string | null
    }
  /** A write of the stream of changes: the route `key` gets the description `value`, or is deleted. */
  | {
      readonly kind: 'write'
      readonly id: string
      readonly key: string
      readonly value: string | null
      /** sent; accepted (acknowledged); refused (a clear no); unknown (no answer: may or may not be there). */
      readonly stage: 'sent' | 'accepted' | 'refused' | 'unknown'
      readonly because?: string
      /** As with a change. */
      readonly status?: number
    }
  /** A gateway's own view of the stream's routes: another than before, the first after looks that failed, or the last. */
  | {
      readonly kind: 'view'
      readonly node: string
      /** The last look before that succeeded. */
      readonly lastLookAt: number
      /** Descriptions by route; null where there is no such route. */
      readonly values: Readonly<Record<string, string | null>>
    }
  /** What the control plane itself has of the stream's routes in the end, by its Admin API: what gateways will be given when they read it anew. Null where it did not say. */
  | { readonly kind: 'kept'; readonly values: Readonly<Record<string, string | null>> | null }
  | { readonly kind: 'signed-in'; readonly servedBy: string | null }
  /** The signed-in page's own beat, four a second: a read with the session's cookie. `at` is its end. */
  | {
      readonly kind: 'heartbeat'
      readonly tookMs: number
      readonly outcome: 'answered' | 'signed-out' | 'failed'
      readonly servedBy: string | null
      readonly because?: string
    }
  /** The page took this long to be usable again after an act of the operator's. */
  | {
      readonly kind: 'page'
      readonly act: string
      readonly tookMs: number
      readonly ok: boolean
      /** How often it was asked for, or pressed, again because an error came or nothing did; never where nothing is said. */
      readonly askedAgain?: number
      /** When the page was waiting for the deployment's answers, [from, to] each; the rest of the time it was the browser's own. */
      readonly waits?: readonly (readonly [from: number, to: number])[]
      readonly because?: string
    }
  | {
      readonly kind: 'screenshot'
      readonly title: string /** Relative to the scenario's folder. */
      readonly file: string
    }
  /** A data-plane node's readiness as its status port says it, looked at from inside. */
  | {
      readonly kind: 'readiness'
      readonly node: string
      readonly ready: boolean
      readonly lastLookAt: number
      readonly because?: string
    }
  /** An observation of the script's: seen, or ran out after `waitedMs` (censored). */
  | {
      readonly kind: 'observation'
      readonly observed: 'drops' | 'admits' | 'reaches' | 'remains'
      /** reaches and remains: of which change. */
      readonly change?: string
      readonly nodes: readonly string[]
      readonly outcome: 'seen' | 'ran-out'
      readonly waitedMs: number
      /** reaches and remains: of those that ran out, who showed the change at one look and at another did not. */
      readonly byTurns?: readonly string[]
      /** remains: who was asked about and not looked at, since a balancer trusted them with nothing; absent where there was nobody. */
      readonly unlooked?: readonly string[]
    }
  /** How much these gateways carried while all of them were saturated, before anything was broken. */
  | {
      readonly kind: 'capacity'
      readonly nodes: readonly {
        readonly node: string
        /** Answered. */
        readonly callsPerSecond: number
        readonly failed: number
      }[]
    }
  /** What the upstream itself counted of calls that must not be made twice, since it started; `duplicates` are X-Request-Ids. */
  | {
      readonly kind: 'upstream-record'
      readonly node: string
      readonly distinct: number
      readonly duplicates: readonly string[]
      /** May be more than `duplicates` lists. */
      readonly duplicateCount: number
    }
  /** What the script demands at its end, a team's own limits put in. `script`: what it demanded itself of those; absent where there are none. */
  | { readonly kind: 'claim'; readonly demand: Demand; readonly script?: ScriptLimits }
  /** The script is over; traffic goes on until the tail is long enough. */
  | {
      readonly kind: 'script'
      readonly outcome: 'finished' | 'threw' | 'timed-out' | 'interrupted'
      readonly because?: string
      readonly code?: string
    }
  /** Something was left behind, or could not be saved: `about` says what. One that is ok: the tear-down came to its end. */
  | { readonly kind: 'teardown'; readonly ok: boolean; readonly about?: TeardownPart; readonly because?: string }
)

/** What of a drill may go wrong once its script is over; what a verdict rests on of it is for the verdict to say. */
export type TeardownPart =
  // what was broken, and the traffic after it
  | 'healing'
  | 'tail'
  // what is judged by
  | 'calls'
  | 'changes'
  | 'upstream record'
  | 'rotation'
  | 'machine'
  | 'balancer log'
  // what is looked at
  | 'log'
  | 'inspect'
  | 'balancer state'
  | 'screenshot'
  | 'trace'
  // what was made for the drill and did not go
  | 'residue'

/** Whether a balancer finds nothing wrong with a node: it gives it traffic, or would if it became the primary. */
export const isTrusted = (state: RotationState): boolean => state === 'in' || state === 'standby'

/** The events of one kind. */
export type EventOf<K extends Event['kind']> = Extract<Event, { readonly kind: K }>

/** Narrows a history to the events of one kind, in order. */
export const eventsOf = <K extends Event['kind']>(events: readonly Event[], kind: K): readonly EventOf<K>[] =>
  events.filter((event): event is EventOf<K> => event.kind === kind)

/** When a fault came to a stage; null where it is not on record. */
export const stageAt = (events: readonly Event[], id: string, stage: FaultStage): number | null =>
  eventsOf(events, 'fault').find((event) => event.id === id && event.stage === stage)?.at ?? null

/**
 * What the script demanded while it was heard; undefined where it demanded nothing. One that was interrupted is not cancelled, and may
 * come to its claim while everything is healed and taken down: what it claims then was not played.
 */
export const claimIn = (events: readonly Event[]): Demand | undefined => lastClaim(events)?.demand

/** The objectives for which that has a team's own limit, with what the script demanded itself. Histories of before it was recorded have none. */
export const scriptLimitsIn = (events: readonly Event[]): ScriptLimits => lastClaim(events)?.script ?? {}

const lastClaim = (events: readonly Event[]): EventOf<'claim'> | undefined => {
  const end = events.findIndex(({ kind }) => kind === 'script')
  return eventsOf(end === -1 ? events : events.slice(0, end), 'claim').at(-1)
}
