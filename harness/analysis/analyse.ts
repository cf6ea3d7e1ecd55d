// A history's meaning: every checker run in turn. One that crashes becomes a doubt that names it, never an exception.
import type { LaneHeader } from '../history/call.ts'
import { claimIn, type Event, eventsOf } from '../history/event.ts'
import type { History } from '../history/history.ts'
import { toMs } from '../time/duration.ts'
import type { Topology } from '../topology/topology.ts'
import type { Analysis, Doubt, FaultAnalysis, Phases, Window } from './analysis.ts'
import { type Attribution, attribute } from './attribution.ts'
import { type Calls, callsOf } from './calls.ts'
import { changesOf } from './changes.ts'
import { clockErrorMs } from './clocks.ts'
import { convergences } from './convergence.ts'
import { cutOffWindows } from './cut-off.ts'
import { DOUBT_SEARCHES } from './doubts.ts'
import { earlyCalls } from './early-calls.ts'
import { ejections } from './ejections.ts'
import { failovers } from './failover.ts'
import { faultsOf } from './faults.ts'
import { type AnalysedLane, analyseLane } from './lane.ts'
import { histogramsOf } from './latency-by-node.ts'
import { lossesOf } from './losses.ts'
import { type Machine, machineOf, machinesByZone } from './machine.ts'
import { analyseNodes } from './nodes.ts'
import { comebacksIn, judgedWindow, latencyWindow, phasesOf, runWindow, settledWindow } from './phases.ts'
import { predictedEjectionMs } from './predictions.ts'
import { readmissions } from './readmissions.ts'
import { recoveries, unrecovered } from './recovery.ts'
import { returnsOf } from './returns.ts'
import { rotationOf } from './rotation.ts'
import { routesOf } from './routes.ts'
import { sessionOf } from './session.ts'
import { streamOf } from './stream.ts'
import type { TimingContext } from './timing.ts'
import { scarceOn, waitingOn, wayTo } from './waiting.ts'
import { waitingShares } from './waiting-shares.ts'
import { zonesOf } from './zones.ts'

/** Runs a checker; what it crashed with becomes a doubt about everything, and `instead` its result. */
type Attempt = <T>(name: string, instead: T, check: () => T) => T

/** A balancer goes by the word of the check before for as long as it takes to drop a node that hangs: longer than the lab's 3 s with a team's own. */
const backMs = (settings: TimingContext['settings']): number =>
  Math.max(toMs('5s'), predictedEjectionMs('pause', settings?.check) ?? 0)

/** Analyses a history. Total: it never throws, and what it could not do is in `doubts`. */
export const analyse = (history: History): Analysis => {
  const crashes: string[] = []
  const attempt: Attempt = (name, instead, check) => {
    try {
      return check()
    } catch (error) {
      crashes.push(`The analysis of ${name} crashed: ${error instanceof Error ? error.message : String(error)}.`)
      return instead
    }
  }
  const frame = frameOf(history, attempt)
  const lanes = frame.calls.flatMap((calls) =>
    attempt<readonly AnalysedLane[]>(`lane ${calls.name}`, [], () => [
      analyseLane(calls, { ...frame, machine: frame.machineIn(calls.lane.header) }),
    ]),
  )
  const changes = attempt('changes', [], () => changesOf(history.events))
  const rotation = attempt('rotation', [], () => rotationOf(history.events, frame.run[1]))
  const timing: TimingContext = {
    ...frame,
    events: history.events,
    lanes,
    changes,
    settings: runOf(history.events)?.settings ?? null,
    end: frame.run[1],
  }
  const { faults, phases, attribution, topology } = frame
  const nodes = attempt('nodes', [], () =>
    topology ? analyseNodes(topology, lanes, { ...frame, rotation, backMs: backMs(timing.settings) }) : [],
  )
  const analysis = {
    phases,
    lanes: lanes.map((lane) => lane.analysis),
    faults,
    rotation,
    timings: [
      ...attempt('ejection', [], () => ejections(timing)),
      ...attempt('readmission', [], () => readmissions(timing)),
      ...attempt('failover', [], () => failovers(timing)),
      ...attempt('recovery', [], () => recoveries(faults, lanes)),
      ...attempt('convergence', [], () => convergences(timing)),
    ],
    unrecovered: attempt('recovery', [], () => unrecovered(faults, lanes)),
    recoveries: attempt('recoveries', [], () => returnsOf(faults, lanes, frame.clockErrorMs)),
    earlyCalls: attempt('early calls', [], () => earlyCalls(faults, lanes, { ...timing, attribution })),
    nodes,
    zones: attempt('zones', [], () => zonesOf(nodes, lanes)),
    routes: attempt('routes', [], () => routesOf(lanes, phases)),
    histograms: attempt('histograms', [], () =>
      lanes.flatMap(({ calls, latencies }) => histogramsOf(calls.name, latencies)),
    ),
    session: attempt('the session', null, () =>
      sessionOf(history.events, phases.disturbed?.[0] ?? 0, frame.shortForPage),
    ),
    changes,
    stream: attempt('the stream of changes', null, () =>
      streamOf(history.events, rotation, staleLimitOf(history.events)),
    ),
    losses: attempt('losses', [], () => lossesOf(faults, lanes, { ...frame, ...timing })),
    ...soundnessOf(frame, history.events, attempt),
    judged: attempt('the judged window', null, () => judgedWindow(phases, faults, history.events)),
  }
  const doubts = DOUBT_SEARCHES.flatMap(({ name, search }) =>
    attempt(name, [], () => search({ ...frame, history, lanes })),
  )
  const whole: Window = [0, Math.max(frame.run[1], frame.judged[1])]
  return {
    ...analysis,
    doubts: [...doubts, ...crashes.map((because): Doubt => ({ about: 'analysis', because, window: whole }))],
  }
}

const soundnessOf = (
  { machine, phases }: Frame,
  events: readonly Event[],
  attempt: Attempt,
): Pick<Analysis, 'disturbances' | 'waiting'> => ({
  disturbances: machine.disturbances,
  waiting: attempt('who waited', [], () => waitingShares(events, phases)),
})

/** What every checker is held against. */
interface Frame {
  readonly topology: Topology | null
  readonly calls: readonly Calls[]
  readonly faults: readonly FaultAnalysis[]
  readonly phases: Phases
  readonly settled: Window
  readonly run: Window
  readonly judged: Window
  readonly latencyWindow: Window
  readonly comebacks: readonly Window[]
  /** With every generator's stalls, on the way of callers outside; and with those of the one in a zone, on the way that its calls take. */
  readonly machine: Machine
  machineIn(lane: Pick<LaneHeader, 'zone' | 'purpose'>): Machine
  /** When processors were short for the operator's browser or for whom its calls pass. Merged. */
  readonly shortForPage: readonly Window[]
  readonly attribution: Attribution
  readonly lbMode: 'http' | 'tcp'
  readonly clockErrorMs: number
  readonly p99LimitMs: number
}

const NO_LOG: Attribution = { nodeOf: () => null, lineOf: () => undefined }

const frameOf = (history: History, attempt: Attempt): Frame => {
  const { events } = history
  const topology = runOf(events)?.topology ?? null
  const faults = attempt<readonly FaultAnalysis[]>('faults', [], () => faultsOf(events, topology))
  const calls = history.lanes.flatMap((lane) =>
    attempt<readonly Calls[]>(`the calls of lane ${lane.header.lane}`, [], () => [
      callsOf(lane, cutOffWindows(faults, lane.header.zone)),
    ]),
  )
  const run = attempt<Window>('the run', [0, 0], () => runWindow(calls, events))
  const phases = attempt<Phases>('phases', { steady: run, disturbed: null, recovered: null }, () =>
    phasesOf(run, faults),
  )
  const judged = judgedWindow(phases, faults, events) ?? run
  const controls = calls.filter((each) => each.lane.header.purpose === 'control')
  return {
    topology,
    calls,
    faults,
    phases,
    settled: attempt('the settled window', phases.steady, () => settledWindow(phases, events)),
    run,
    judged,
    latencyWindow: latencyWindow(phases, faults, events) ?? run,
    comebacks: comebacksIn(events, judged[1]),
    machine: attempt('the machine', machineOf([], []), () =>
      machineOf(
        eventsOf(events, 'generator-stall'),
        controls,
        waitingOn(wayTo('gateways', events), eventsOf(events, 'processors-short')),
        silenceIn(history, run),
      ),
    ),
    machineIn: attempt<Frame['machineIn']>(
      'the machine by zone',
      () => machineOf([], []),
      () => machinesByZone(events, controls, silenceIn(history, run)),
    ),
    shortForPage: attempt('the page', [], () => scarceOn(wayTo('page', events), events)),
    attribution: attempt('attribution', NO_LOG, () => attribute(calls, history.balancerCalls)),
    lbMode: runOf(events)?.settings.lbMode ?? 'http',
    clockErrorMs: clockErrorMs(events),
    p99LimitMs: attempt('the limit on p99', 0, () => p99LimitOf(events)),
  }
}

/** From where the history ends, when it ends before its lanes do: calls go on, and nothing is said of those who make them. */
const silenceIn = ({ events, lanes }: History, [, end]: Window): Window | null => {
  const closed = new Set(eventsOf(events, 'lane-closed').map(({ lane }) => lane))
  const last = events.reduce((most, { at }) => Math.max(most, at), 0)
  return last < end && lanes.some(({ header }) => !closed.has(header.lane)) ? [last, end] : null
}

const runOf = (events: readonly Event[]) => eventsOf(events, 'run')[0]

/** Where nothing is said of convergence, no gateway of the vendor's takes longer (api7.md §0.7: 16 s of back-off, 10 s of marks). */
const STALE_MS = 30_000

/** How long a gateway may show what was replaced: the convergence that the script demands. */
const staleLimitOf = (events: readonly Event[]): number => {
  const demanded = claimIn(events)?.convergence
  return typeof demanded === 'string' ? toMs(demanded) : STALE_MS
}

/** The p99 that the script demands, where it is a length and no multiple of steady's. */
const p99LimitOf = (events: readonly Event[]): number => {
  const demanded = claimIn(events)?.p99
  return typeof demanded === 'string' && !demanded.endsWith('x') ? toMs(demanded) : 0
}
