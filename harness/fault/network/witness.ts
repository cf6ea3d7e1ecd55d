// The witnesses of a packet rule: its own count, connections from the other side, and whether its target is still the one it was laid on.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../../history/event.ts'
import type { Container } from '../../topology/topology.ts'
import type { Attestation } from '../kind.ts'
import { type Listening, watchListener } from '../listener.ts'
import type { Probe } from '../runtime.ts'
import {
  ATTEST_LIMIT_MS,
  asAttestation,
  meanwhile,
  sight,
  sightedWhile,
  stillThere,
  TRY_MS,
  together,
} from '../sighting.ts'
import type { Kept, Lifted, NetworkWorld, Tally } from './network.ts'

const NEXT_COUNT_MS = 10
const EAGER_TRY_MS = 20

/** What a rule does, as others have to see it. */
export interface Expected {
  /** A new connection, tried from elsewhere on the network; absent where that is left to chance. */
  readonly fresh?: 'silent' | 'refused' | 'present'
  /** A connection that was open before; absent likewise. */
  readonly kept?: 'silent' | 'reset' | 'answered'
  /** Whether the count is that of this rule; asked again until it is, or the limit passes. */
  readonly counts: (tally: Tally) => boolean
  /** Makes packets for the rule to count, and says what it saw of them; where the probes' own do not do. */
  readonly tries?: (container: Container) => Promise<Omit<Evidence, 'at'>>
}

/** What the injector leaves behind for the witnesses of one container. */
export interface Imposed {
  /** When the container's life began on which the rule was laid; null when it did not run. */
  readonly since: string | null
  readonly lifted?: Lifted
}

/** What is asked about: one container of a world. */
export type About = Pick<Told, 'world' | 'container'>

interface Told {
  readonly world: NetworkWorld
  readonly container: Container
  readonly expected: Expected
}

export const say = (
  { world, container }: About,
  { source, said, confirms }: Pick<Evidence, 'source' | 'said' | 'confirms'>,
): Evidence => ({
  source,
  said: `${container.name}: ${said}`,
  confirms,
  at: world.clock.now(),
  container: container.name,
})

export const limitOf = ({ world }: About): number => world.attestLimitMs ?? ATTEST_LIMIT_MS

export const words = ({ came, went, kept, passed }: Tally): string =>
  `the rule hit ${came} packets coming in and ${went} going out, spared ${kept}, and let ${passed === 0 ? 'none' : passed} through that it should have hit`

const NOTHING: Attestation = { evidence: [], bounds: null }

/** What the other side saw while the act was under way, or in the while after; nothing of a container without a port. */
const sighted = async (told: Told, wanted: Listening | undefined, act: Promise<void>): Promise<Attestation> => {
  if (!wanted) return NOTHING
  const { world, container } = told
  let isOver = false
  void act
    .catch(() => {})
    .then(() => {
      isOver = true
    })
  // A try that began before the rule was lifted hangs to its end: short ones until then bound the instant to a few ms.
  const probe: Probe = (address, port, limitMs) =>
    world.probe(address, port, wanted === 'present' && !isOver ? EAGER_TRY_MS : limitMs)
  const seen = await sightedWhile((limit) => watchListener(probe, container, wanted, limit), act, limitOf(told))
  return seen || Object.keys(container.ports).length === 0
    ? asAttestation(seen)
    : missed(told, `its port is not ${wanted} ${limitOf(told) / 1000} s later`)
}

/** What became of the connection that was open before; nothing where there was none. */
const keptSaid = async (told: Told, kept: Kept | null, act: Promise<void>): Promise<Attestation> => {
  const { world, container, expected } = told
  if (!kept || !expected.kept) return NOTHING
  const tryOnce = async () => {
    const from = world.clock.now()
    const outcome = await kept.ask(TRY_MS)
    const said = `${container.name}: a connection that was open before is ${outcome}`
    return { isSo: outcome === expected.kept, from, at: outcome === 'silent' ? from : world.clock.now(), said }
  }
  const seen = await sightedWhile((limit) => sight(container, tryOnce, limit), act, limitOf(told))
  return seen ? asAttestation(seen) : missed(told, `a connection that was open before is not ${expected.kept}`)
}

const missed = (told: Told, said: string): Attestation => ({
  evidence: [say(told, { source: 'probe from inside', said, confirms: false })],
  bounds: null,
})

/** Asks until the count is what the rule makes it; the last word otherwise. */
const counted = async (told: Told): Promise<Tally | null> => {
  const { world, container, expected } = told
  const until = world.clock.now() + limitOf(told)
  for (;;) {
    const tally = await world.network.count(container.id)
    if (!tally || expected.counts(tally) || world.clock.now() > until) return tally
    await pause(NEXT_COUNT_MS)
  }
}

const countSaid = async (told: Told): Promise<Evidence> => {
  const tally = await counted(told)
  const confirms = tally !== null && told.expected.counts(tally) && tally.passed === 0
  return say(told, { source: 'packet counter', said: tally ? words(tally) : 'nobody holds a rule there', confirms })
}

/** A restart makes a new namespace without a rule; nothing is said of a container that lives on. */
export const restartSaid = async (told: About, imposed: Imposed | undefined): Promise<Evidence | null> => {
  const since = await told.world.network.livesSince(told.container.id)
  if (imposed && since !== null && since === imposed.since) return null
  const now = since === null ? 'it does not run' : `it runs since ${since}`
  const said = imposed
    ? `the rule was laid on a life that began at ${imposed.since ?? 'no time'}, and ${now}: the rule ended with that life`
    : 'no rule was laid on it'
  return say(told, { source: 'container state', said, confirms: false })
}

export const liftSaid = (told: About, imposed: Imposed | undefined): Evidence | null => {
  const lifted = imposed?.lifted
  if (!lifted) return null
  const source = 'packet counter'
  if (lifted.outcome === 'uncounted')
    return say(told, { source, said: `nobody knows how long the rule held: ${lifted.because}`, confirms: false })
  return say(told, { source, said: `until it was lifted, ${words(lifted.tally)}`, confirms: lifted.tally.passed === 0 })
}

export const lookSaid = async (told: About): Promise<Evidence> => {
  const source = 'packet rules'
  const isThere = await told.world.network.look(told.container.id)
  if (isThere === null) return say(told, { source, said: 'it does not run, so there is no namespace', confirms: true })
  const said = `a new helper in its namespace sees ${isThere ? 'a table' : 'no table'} of ours`
  return say(told, { source, said, confirms: !isThere })
}

/**
 * Between which instants the rule came to be, by its count; null where it did not. That it hit packets is known later only,
 * but one that never lapsed was in effect from then on.
 */
export const laidBetween = async (
  { world, container }: About,
  injected: Promise<void>,
): Promise<readonly [atLeast: number, atMost: number] | null> => {
  let isOver = false
  const over = (): void => {
    isOver = true
  }
  injected.then(over, over)
  let notYet = world.clock.now()
  for (;;) {
    const isLast = isOver
    const askedAt = world.clock.now()
    if (await world.network.count(container.id)) return [notYet, world.clock.now()]
    if (isLast) return null
    notYet = askedAt
    await pause(NEXT_COUNT_MS)
  }
}

const trySaid = async ({ world, container, expected }: Told): Promise<Evidence | null> =>
  expected.tries ? { ...(await expected.tries(container)), at: world.clock.now() } : null

/**
 * That the rule is in effect on one container. What probes see is evidence beside a rule that counts: a dead target is
 * silent too.
 */
export const attestCut = async (
  told: Told,
  injected: Promise<void>,
  { kept, imposed }: { readonly kept: Kept | null; readonly imposed: () => Imposed | undefined },
): Promise<Attestation> => {
  const from = told.world.clock.now()
  const { fresh } = told.expected
  const laying = meanwhile(laidBetween(told, injected))
  // What stays as it was shows nothing until the rule is laid.
  const probed = meanwhile(sighted(told, fresh, fresh === 'present' ? injected.then(() => {}) : injected))
  const old = meanwhile(injected.then(() => keptSaid(told, kept, Promise.resolve())))
  await injected
  const between = await laying
  const tried = await trySaid(told)
  const [count, ...seen] = await Promise.all([countSaid(told), probed, old])
  const restart = await restartSaid(told, imposed())
  const isLaid = count.confirms && restart === null
  const believed = seen.filter(({ evidence }) => isLaid || evidence.some((each) => !each.confirms))
  const bounding = believed.find(({ bounds }) => bounds !== null && fresh !== 'present')?.bounds
  const bounds = bounding ?? (isLaid ? (between ?? ([from, count.at] as const)) : null)
  return {
    evidence: [...together(believed).evidence, tried, count, restart].filter((each) => each !== null),
    bounds,
  }
}

/**
 * When it is reached again. A rule under which its port answers all the while, or now and then, has ended at some instant since the heal began,
 * and no try from before its end tells of it.
 */
const reachedAgain = async (told: Told, healed: Promise<void>): Promise<Attestation> => {
  if (told.expected.fresh === 'silent') return sighted(told, 'present', healed)
  const from = told.world.clock.now()
  await healed
  const seen = await sighted(told, 'present', healed)
  return { ...seen, bounds: seen.bounds && [from, seen.bounds[1]] }
}

/** That one container is reached again, that nothing of ours is in its namespace, and that the rule held until then. */
export const attestReached = async (
  told: Told,
  healed: Promise<void>,
  imposed: () => Imposed | undefined,
): Promise<Attestation> => {
  const sighting = meanwhile(reachedAgain(told, healed))
  await healed
  const [look, presence] = await Promise.all([lookSaid(told), sighting])
  const evidence = [look, liftSaid(told, imposed()), await restartSaid(told, imposed())]
  return {
    evidence: [...presence.evidence, ...evidence.filter((each) => each !== null)],
    bounds: presence.bounds,
    ...stillThere([look]),
  }
}

/** That the rule is in effect still, and was all the while: it let nothing through, on the life it was laid on. */
export const attestHeld = async (told: Told, imposed: Imposed | undefined): Promise<readonly Evidence[]> => {
  const said = await Promise.all([countSaid(told), restartSaid(told, imposed)])
  return said.filter((each) => each !== null)
}

/** The count of a rule that hits whatever comes or goes. */
export const hitsAnything = ({ came, went }: Tally): boolean => came + went > 0
