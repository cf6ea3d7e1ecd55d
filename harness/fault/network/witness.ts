// The witnesses of a packet rule: its own count, the other side of the cut, and whether its target is still the one it was laid on.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../../history/event.ts'
import type { Container } from '../../topology/topology.ts'
import type { Attestation } from '../kind.ts'
import { watchListener } from '../listener.ts'
import type { Probe } from '../runtime.ts'
import { ATTEST_LIMIT_MS, type Sighting, sightedWhile } from '../sighting.ts'
import type { Lifted, NetworkWorld, Tally } from './network.ts'

const NEXT_COUNT_MS = 10
const EAGER_TRY_MS = 20

/** What the injector leaves behind for the witnesses of one container. */
export interface Imposed {
  /** When the container's life began on which the rule was laid; null when it did not run. */
  readonly since: string | null
  readonly lifted?: Lifted
}

type Seen = Pick<Sighting, 'evidence'> & { readonly bounds: Attestation['bounds'] }

interface Told {
  readonly world: NetworkWorld
  readonly container: Container
}

const say = (
  { world, container }: Told,
  { source, said, confirms }: Pick<Evidence, 'source' | 'said' | 'confirms'>,
): Evidence => ({
  source,
  said: `${container.name}: ${said}`,
  confirms,
  at: world.clock.now(),
  container: container.name,
})

const limitOf = ({ world }: Told): number => world.attestLimitMs ?? ATTEST_LIMIT_MS

const words = ({ came, went, passed }: Tally): string =>
  `the rule dropped ${came} packets coming in and ${went} going out, and let ${passed === 0 ? 'none' : passed} through`

/** What the other side saw while the act was under way, or in the while after; null of a container without a port. */
const sighted = async (told: Told, wanted: 'silent' | 'present', act: Promise<void>): Promise<Seen | null> => {
  const { world, container } = told
  let isOver = false
  act
    .catch(() => {})
    .then(() => {
      isOver = true
    })
  // A try that began before the rule was lifted hangs to its end: short ones until then bound the instant to a few ms.
  const probe: Probe = (address, port, limitMs) =>
    world.probe(address, port, wanted === 'present' && !isOver ? EAGER_TRY_MS : limitMs)
  const seen = await sightedWhile((limit) => watchListener(probe, container, wanted, limit), act, limitOf(told))
  if (seen) return seen
  if (Object.keys(container.ports).length === 0) return null
  const said = `its port is not ${wanted} ${limitOf(told) / 1000} s later`
  return { evidence: say(told, { source: 'probe from inside', said, confirms: false }), bounds: null }
}

/** Asks until the count has risen from the 0 it began with; the last word otherwise. */
const risen = async (told: Told): Promise<Tally | null> => {
  const { world, container } = told
  const until = world.clock.now() + limitOf(told)
  for (;;) {
    const tally = await world.network.count(container.id)
    if (!tally || tally.came + tally.went > 0 || world.clock.now() > until) return tally
    await pause(NEXT_COUNT_MS)
  }
}

const countSaid = async (told: Told): Promise<Evidence> => {
  const tally = await risen(told)
  const confirms = tally !== null && tally.came + tally.went > 0 && tally.passed === 0
  return say(told, { source: 'packet counter', said: tally ? words(tally) : 'nobody holds a rule there', confirms })
}

/** A restart makes a new namespace without a rule; nothing is said of a container that lives on. */
const restartSaid = async (told: Told, imposed: Imposed | undefined): Promise<Evidence | null> => {
  const since = await told.world.network.livesSince(told.container.id)
  if (imposed && since !== null && since === imposed.since) return null
  const now = since === null ? 'it does not run' : `it runs since ${since}`
  const said = imposed
    ? `the rule was laid on a life that began at ${imposed.since ?? 'no time'}, and ${now}: the rule ended with that life`
    : 'no rule was laid on it'
  return say(told, { source: 'container state', said, confirms: false })
}

const liftSaid = (told: Told, imposed: Imposed | undefined): Evidence | null => {
  const lifted = imposed?.lifted
  if (!lifted) return null
  const source = 'packet counter'
  if (lifted.outcome === 'uncounted')
    return say(told, { source, said: `nobody knows how long the rule held: ${lifted.because}`, confirms: false })
  return say(told, { source, said: `until it was lifted, ${words(lifted.tally)}`, confirms: lifted.tally.passed === 0 })
}

const lookSaid = async (told: Told): Promise<Evidence> => {
  const source = 'packet rules'
  const isThere = await told.world.network.look(told.container.id)
  if (isThere === null) return say(told, { source, said: 'it does not run, so there is no namespace', confirms: true })
  const said = `a new helper in its namespace sees ${isThere ? 'a table' : 'no table'} of ours`
  return say(told, { source, said, confirms: !isThere })
}

/** That one container is cut off. A silent port is evidence beside a rule that counts: a dead target is silent too. */
export const attestCut = async (
  told: Told,
  injected: Promise<void>,
  imposed: () => Imposed | undefined,
): Promise<Attestation> => {
  const sighting = sighted(told, 'silent', injected)
  await injected
  const [count, silence] = await Promise.all([countSaid(told), sighting])
  const restart = await restartSaid(told, imposed())
  const isCut = count.confirms && restart === null
  const seen = silence && (isCut || !silence.evidence.confirms) ? silence : null
  return {
    evidence: [seen?.evidence ?? null, count, restart].filter((each) => each !== null),
    bounds: seen?.bounds ?? null,
  }
}

/** That one container is reached again, that nothing of ours is in its namespace, and that it was cut off until then. */
export const attestReached = async (
  told: Told,
  healed: Promise<void>,
  imposed: () => Imposed | undefined,
): Promise<Attestation> => {
  const sighting = sighted(told, 'present', healed)
  await healed
  const [look, presence] = await Promise.all([lookSaid(told), sighting])
  const evidence = [
    presence?.evidence ?? null,
    look,
    liftSaid(told, imposed()),
    await restartSaid(told, imposed()),
  ].filter((each) => each !== null)
  return { evidence, bounds: presence?.bounds ?? null }
}

/** That one container is cut off still, and was all the while: its rule let nothing through, on the life it was laid on. */
export const attestHeld = async (told: Told, imposed: Imposed | undefined): Promise<readonly Evidence[]> => {
  const said = await Promise.all([countSaid(told), restartSaid(told, imposed)])
  return said.filter((each) => each !== null)
}
