// What was broken, when, and who says so besides the injector.
import { type Event, type EventOf, type Evidence, eventsOf, isGraceful, standsIn } from '../history/event.ts'
import type { Topology } from '../topology/topology.ts'
import type { FaultAnalysis, Window } from './analysis.ts'

type FaultEvent = EventOf<'fault'>

/** The injector's own word is no evidence, whatever it is called. */
const isIndependent = (evidence: Evidence): boolean => !/injector/i.test(evidence.source)

/** Every fault of a history in the order of its intent. */
export const faultsOf = (events: readonly Event[], topology: Topology | null): readonly FaultAnalysis[] => {
  const byId = Map.groupBy(eventsOf(events, 'fault'), (event) => event.id)
  return [...byId.values()]
    .map((stages) => faultOf(stages, events, topology))
    .sort((a, b) => a.intendedAt - b.intendedAt)
}

/** The fault that most likely did it: the one intended last before an instant; undefined before the first. */
export const faultBefore = (faults: readonly FaultAnalysis[], at: number): FaultAnalysis | undefined =>
  faults.findLast((fault) => fault.intendedAt <= at)

const faultOf = (stages: readonly FaultEvent[], events: readonly Event[], topology: Topology | null): FaultAnalysis => {
  const stage = (name: FaultEvent['stage']): FaultEvent | undefined => stages.find((event) => event.stage === name)
  const [first] = stages
  const inEffect = stage('in-effect')
  const heal = stage('heal')
  const healed = stage('healed')
  const clear = stage('clear')
  // Witnesses may have seen it clear before the engine's answer was back with whoever healed it.
  const clearedAt = clear ? instantOf(clear) : null
  const base = {
    id: first?.id ?? '',
    kind: first?.fault ?? 'stop',
    targets: first?.targets ?? [],
    plannedDowntime: stages.some((event) => event.plannedDowntime === true),
    ...(first?.asked && { asked: first.asked }),
  } as const
  const doubts = [
    ...(stage('intent') ? [] : ['nobody wrote down that it was intended']),
    ...stages
      .filter((event) => event.stage === 'failed')
      .map((event) => `it failed: ${event.because ?? 'nobody says why'}`),
    ...attested(inEffect, 'in effect', base.targets, topology),
    ...contradictions(heal, 'in effect until it was healed'),
    ...(inEffect && !healed ? ['nobody healed it'] : []),
    ...(inEffect ? attested(clear, 'clear', base.targets, topology) : []),
    ...hardExits(base, { from: first?.at ?? 0, to: heal?.at ?? Infinity }, events),
  ]
  return {
    ...base,
    intendedAt: first?.at ?? 0,
    inEffectAt: inEffect ? instantOf(inEffect) : null,
    healedAt: healed ? Math.min(healed.at, clearedAt ?? Infinity) : null,
    clearedAt,
    evidence: stages.flatMap((event) => event.evidence ?? []),
    wasSeen: stages
      .slice(0, heal ? stages.indexOf(heal) : undefined)
      .some(({ evidence = [] }) => evidence.some((each) => isIndependent(each) && each.confirms)),
    doubts,
    healedBy: heal === undefined ? 'nobody' : healerOf(heal),
    inEffectBounds: inEffect?.bounds ?? null,
    clearBounds: clear?.bounds ?? null,
  }
}

/** Who healed it, as the record has it: it says so only where that was not the script. */
const healerOf = ({ because }: FaultEvent): FaultAnalysis['healedBy'] => {
  if (because === undefined) return 'script'
  return because === 'longest life' ? 'longest life' : 'fixture'
}

/** The middle of the bounds: the truth is as likely before as after it. */
const instantOf = ({ at, bounds }: { readonly at: number; readonly bounds?: Window }): number =>
  bounds ? (bounds[0] + bounds[1]) / 2 : at

const attested = (
  event: FaultEvent | undefined,
  what: string,
  targets: readonly string[],
  topology: Topology | null,
): readonly string[] => {
  if (!event) return [`nobody attested that it was ${what}`]
  const evidence = (event.evidence ?? []).filter(isIndependent)
  const confirming = evidence.filter((each) => each.confirms)
  if (confirming.length === 0) return [`nobody but the injector says that it was ${what}`]
  const unseen = targets
    .filter((target) => !isCovered(target, confirming, topology))
    .map((target) => `nobody attested that ${target} was ${what}`)
  return [...contradictions(event, what), ...unseen]
}

/** What a witness saw before the bounds is how they came about ("not yet"); from then on a no is a contradiction. */
const contradictions = (event: FaultEvent | undefined, what: string): readonly string[] =>
  (event?.evidence ?? [])
    .filter((each) => isIndependent(each) && !each.confirms && each.at >= (event?.bounds?.[0] ?? -Infinity))
    .map((each) => `${each.source} contradicts that it was ${what}: ${each.said}`)

/** Evidence that names no container speaks of the whole fault. */
const isCovered = (target: string, confirming: readonly Evidence[], topology: Topology | null): boolean => {
  const containers = topology?.nodes.find((node) => node.name === target)?.containers
  if (!containers?.length) return true
  return confirming.some(
    ({ container }) =>
      container === undefined || containers.some((each) => [each.id, each.name, each.service].includes(container)),
  )
}

/**
 * A graceful stop that the engine had to end with SIGKILL was another fault than the one that was asked for. Whoever stands in for a node
 * has its name: how that one ends, once it was started, is how it fares, and no part of what was asked for.
 */
const hardExits = (
  fault: Pick<FaultAnalysis, 'kind' | 'targets'>,
  { from, to }: { readonly from: number; readonly to: number },
  events: readonly Event[],
): readonly string[] => {
  if (!isGraceful(fault.kind)) return []
  const told = eventsOf(events, 'engine').filter(
    ({ at, node }) => at >= from && at <= to && fault.targets.includes(node),
  )
  const isOther = ({ container, at: endedAt }: EventOf<'engine'>): boolean =>
    standsIn(fault.kind) &&
    told.some(({ action, at, ...event }) => action === 'start' && event.container === container && at < endedAt)
  return told
    .filter((event) => event.action === 'die' && event.exitCode === 137 && !isOther(event))
    .map(({ node }) => `${node} was ended by SIGKILL: it was not a graceful stop`)
}
