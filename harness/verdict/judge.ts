// The verdict over a history and its analysis: assumptions first, then each objective, then the outcome.
import type { Analysis, Window } from '../analysis/analysis.ts'
import { claimIn, type Demand, eventsOf, scriptLimitsIn } from '../history/event.ts'
import type { History } from '../history/history.ts'
import { admittedUnconfigured } from './admitted-unconfigured.ts'
import { assumptions } from './assumptions.ts'
import { type Case, type Judge, notMeasured, type Ruling } from './case.ts'
import { dashboards } from './dashboards.ts'
import { defaultOf } from './defaults.ts'
import { duplicates, isWritten } from './duplicates.ts'
import { emptied } from './emptied.ts'
import { convergence, earlyReadmission, ejection, readmission, recovery } from './failover.ts'
import { headroom } from './headroom.ts'
import { latencyJudge, phaseLatencyJudge } from './latency.ts'
import { isLooser } from './limits.ts'
import { availability, lostCalls, lostCallsByDefault, lostTime } from './lost-calls.ts'
import { lostOnReturn } from './lost-on-return.ts'
import { nearestLog } from './nearest-log.ts'
import { OBJECTIVES, type Objectives } from './objectives.ts'
import { dashboardOutage, fullOutage, partialOutage } from './outages.ts'
import { leadSentence, outcomeOf } from './outcome.ts'
import { unsavedBeside } from './saved-evidence.ts'
import { signOuts, uiStall } from './session.ts'
import { imbalance, survivors } from './spread.ts'
import { storeAge } from './store-age.ts'
import { unansweredChanges } from './unanswered-changes.ts'
import type { Assumption, Finding, Verdict } from './verdict.ts'
import { lostChanges, writeOutage } from './writes.ts'

const JUDGES: Readonly<Record<keyof Objectives, Judge>> = {
  fullOutage,
  partialOutage,
  lostCalls,
  lostOnReturn,
  lostTime,
  availability,
  p50: latencyJudge('p50'),
  p99: latencyJudge('p99'),
  p999: latencyJudge('p999'),
  p99VsSteady: phaseLatencyJudge('p99', 'disturbed'),
  recoveredP99: phaseLatencyJudge('p99', 'recovered'),
  recoveredP99VsSteady: phaseLatencyJudge('p99', 'recovered'),
  ejection,
  readmission,
  emptied,
  admittedUnconfigured,
  recovery,
  convergence,
  writeOutage,
  unansweredChanges,
  dashboards,
  storeAge,
  dashboardOutage,
  uiStall,
  signOuts,
  lostChanges,
  duplicates,
  survivors,
  headroom,
  imbalance,
}

/**
 * Judges a scenario. Total: a judge that crashes makes its own finding inconclusive, and the others stand. `beside`: what is known of it that
 * its history does not tell.
 */
export const judge = (history: History, analysis: Analysis, beside: readonly Assumption[] = []): Verdict => {
  const run = eventsOf(history.events, 'run')[0]
  const of: Case = {
    history,
    analysis,
    demand: claimIn(history.events) ?? {},
    settings: run?.settings ?? null,
    window: analysis.judged ?? wholeRun(analysis),
  }
  const held = [...beside, ...assumed(of)]
  const findings = questionsOf(of).map((question) => answer(of, question))
  const outcome = outcomeOf(held, findings)
  const unsaved = unsavedBeside(history.events)
  return {
    schema: 'firedrill.verdict/1',
    scenario: run?.scenario.name ?? 'unknown',
    title: run?.scenario.title ?? 'a scenario of which no record is left',
    outcome,
    because: leadSentence(outcome, held, findings),
    assumptions: held,
    findings,
    ...(unsaved.length > 0 && { unsaved }),
    ...drawn(analysis),
    seed: run?.seed ?? 0,
    stack: run?.topology.stack ?? 'unknown',
    startedAt: run?.startedAt ?? new Date(0).toISOString(),
  }
}

/** One objective to judge, and by whom. */
interface Question {
  readonly objective: string
  readonly demanded: string | number
  readonly rule: () => Ruling
}

/** What was demanded, and what is judged in every scenario, in the report's order; then demands that are no objectives of ours. */
const questionsOf = (of: Case): readonly Question[] => {
  const asked = { ...unasked(of), ...of.demand }
  const known = OBJECTIVES.flatMap((objective): readonly Question[] => {
    const demanded = asked[objective]
    if (demanded === undefined) return objective === 'readmission' ? earlyQuestion(of) : []
    const isDefault = of.demand[objective] === undefined
    const rule = (): Ruling =>
      objective === 'lostCalls' && isDefault ? lostCallsByDefault(of) : JUDGES[objective](of, demanded)
    return [{ objective, demanded, rule }]
  })
  const unknown = Object.entries(of.demand)
    .filter(([objective]) => !(OBJECTIVES as readonly string[]).includes(objective))
    .map(
      ([objective, demanded]): Question => ({
        objective,
        demanded,
        rule: () =>
          notMeasured('count', `'${objective}' is not an objective: expected one of ${OBJECTIVES.join(', ')}.`),
      }),
    )
  return [...known, ...unknown]
}

/** A full outage is judged in every scenario, lost calls wherever a kind of fault has a default, duplicates wherever there may be any. */
const unasked = (of: Case): Demand => {
  // A default that cannot be worked out is judged all the same, crashes again, and so becomes inconclusive.
  const lost = attempt(() => defaultOf('lostCalls', of), 0)
  return { fullOutage: '0ms', ...(lost !== null && { lostCalls: lost }), ...(isWritten(of) && { duplicates: 0 }) }
}

const earlyQuestion = (of: Case): readonly Question[] => {
  const early = earlyReadmission(of)
  return early ? [{ objective: 'readmission', demanded: 'not before it is ready', rule: () => early }] : []
}

const answer = (of: Case, { objective, demanded, rule }: Question): Finding => {
  const { culprit, ...ruling } = ruled(objective, rule)
  const byDefault = attempt(() => defaultOf(objective, of), null)
  const isTeams = scriptLimitsIn(of.history.events)[objective] !== undefined
  const log =
    ruling.outcome === 'pass'
      ? []
      : attempt(() => nearestLog(of.history.log, { at: ruling.at ?? of.window[0], nodes: concerned(of, culprit) }), [])
  return {
    objective,
    demanded,
    default: byDefault,
    ...ruling,
    // Who lost what may be lost is nobody to blame.
    ...(ruling.outcome !== 'pass' && culprit !== undefined && { culprit }),
    ...(isTeams && { demandedBy: 'team' as const }),
    ...(isLooser(objective, demanded, byDefault) && { looser: true }),
    ...(log.length > 0 && { log }),
  }
}

const ruled = (objective: string, rule: () => Ruling): Ruling => {
  try {
    return rule()
  } catch (error) {
    return notMeasured(
      'count',
      `${objective} could not be judged: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

const assumed = (of: Case): readonly Assumption[] => {
  try {
    return assumptions(of)
  } catch (error) {
    return [
      {
        name: 'The assumptions could be judged',
        holds: false,
        because: `They could not: ${error instanceof Error ? error.message : String(error)}`,
      },
    ]
  }
}

const attempt = <T>(judge: () => T, instead: T): T => {
  try {
    return judge()
  } catch {
    return instead
  }
}

/** The culprit's own log, or those of the broken nodes and of their balancers. */
const concerned = ({ analysis }: Case, culprit: Ruling['culprit']): readonly string[] =>
  culprit
    ? culprit.split(', ')
    : [
        ...new Set([
          ...analysis.faults.flatMap((fault) => fault.targets),
          ...analysis.rotation.map((span) => span.balancer),
        ]),
      ]

const wholeRun = ({ phases }: Analysis): Window => [
  phases.steady[0],
  Math.max(phases.steady[1], phases.disturbed?.[1] ?? 0, phases.recovered?.[1] ?? 0),
]

/** What the verdict says by itself. */
type Judged = Pick<
  Verdict,
  | 'schema'
  | 'scenario'
  | 'title'
  | 'outcome'
  | 'because'
  | 'assumptions'
  | 'findings'
  | 'unsaved'
  | 'seed'
  | 'stack'
  | 'startedAt'
>

/** What the verdict repeats of the analysis. */
const drawn = (analysis: Analysis): Omit<Verdict, keyof Judged> => ({
  faults: analysis.faults,
  // A node that is called without its balancer is no service: that it does not answer is no outage of the deployment.
  outages: analysis.lanes
    .filter(({ purpose }) => purpose !== 'direct')
    .flatMap((lane) =>
      lane.outages.map(({ lane: name, kind, from, to, length, nodes }) => ({
        lane: name,
        kind,
        from,
        to,
        min: length.min,
        max: length.max,
        nodes,
      })),
    ),
  phases: analysis.phases,
  latency: analysis.lanes.flatMap((lane) =>
    lane.phases.flatMap(({ phase, latency }) =>
      latency
        ? [
            {
              lane: lane.lane,
              phase,
              p50: latency.p50,
              p99: latency.p99,
              p999: latency.p999,
              max: latency.max,
              count: latency.count,
            },
          ]
        : [],
    ),
  ),
  balance: analysis.nodes
    .filter((node) => node.role === 'data-plane')
    .map(({ node, answered }) => ({ node, ...answered })),
  service: analysis.lanes
    .filter(({ purpose }) => purpose === 'callers' || purpose === 'dashboard')
    .map(({ lane, errorBursts, brownOuts, worstWindows, errorBudgets }) => ({
      lane,
      errorBursts,
      brownOuts,
      worstWindows,
      errorBudgets,
    })),
  recoveries: analysis.recoveries,
  timings: analysis.timings,
  zones: analysis.zones,
  ...(analysis.routes.length > 0 && { routes: analysis.routes }),
})
