// The witnesses of a certificate that is refused: the files, handshakes made elsewhere with what is in them, and the node's readiness.
import type { Evidence } from '../../history/event.ts'
import type { Container } from '../../topology/topology.ts'
import type { Attestation } from '../kind.ts'
import { ATTEST_LIMIT_MS, meanwhile, sight, sightedWhile, stillThere, type Try } from '../sighting.ts'
import { describe, type Identity, type IdentityWorld, isSame, shownBy } from './shown.ts'

const LOOK_LIMIT_MS = 2000

/** One container: what it had, and what it was given; null where nobody looked, or gave it anything. */
export interface Told {
  readonly world: IdentityWorld
  readonly container: Container
  readonly had: Identity | null
  readonly given: Identity | null
}

type Wanted = 'refused' | 'taken'

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

const fileSaid = (told: Told, shown: Identity | null, wanted: Wanted): Evidence => {
  const source = 'certificate file'
  if (!shown) return say(told, { source, said: 'there is no certificate in it, or it does not run', confirms: false })
  const expected = wanted === 'refused' ? told.given : told.had
  const confirms = expected !== null && isSame(shown, expected)
  return say(told, { source, said: `it shows ${describe(shown)}`, confirms })
}

/** A door that takes what the node had is open: only then does it mean anything that it refuses what the node shows. */
const doorSaid = async (told: Told, shown: Identity | null, wanted: Wanted): Promise<Evidence> => {
  const { world, had } = told
  const source = 'handshake from inside'
  if (!shown || !had) return say(told, { source, said: 'nobody knows what it shows, or had', confirms: false })
  const knocks = world.doors.map(async (door) => {
    const [now, before] = await Promise.all([world.knock(door, shown), world.knock(door, had)])
    return { door, now, before }
  })
  const all = await Promise.all(knocks)
  const open = all.filter(({ before }) => before.isTaken)
  const isSo = wanted === 'refused' ? all.every(({ now }) => !now.isTaken) : open.some(({ now }) => now.isTaken)
  const words = all.map(({ door, now, before }) => {
    const taken = now.isTaken ? 'takes' : `refuses (${now.said})`
    return `${door.name} ${taken} what it shows, and ${before.isTaken ? 'takes' : 'refuses'} what it had`
  })
  return say(told, { source, said: words.join('; '), confirms: isSo && open.length > 0 })
}

const readyUrl = ({ address, ports }: Container): string =>
  `http://${address}:${ports.status?.inside ?? 0}/status/ready`

/** API7's gateways are ready while any DP Manager answers them, and not ready while none does. */
export const readiness = async (
  { statusOf }: IdentityWorld,
  container: Container,
): Promise<{ readonly status: number | null; readonly from: number; readonly to: number }> =>
  statusOf(readyUrl(container), LOOK_LIMIT_MS)

const readyTry = async ({ world, container }: Told, status: number): Promise<Try> => {
  const now = await readiness(world, container)
  const said = `${container.name} /status/ready: ${now.status ?? 'no answer'}, asked from a container on the same network`
  return { isSo: now.status === status, from: now.from, at: now.to, said }
}

/** Looks while the act is under way and a while after; a no where it never came about. */
const readySaid = async (told: Told, status: number, act: Promise<void>): Promise<Attestation> => {
  const limitMs = told.world.attestLimitMs ?? ATTEST_LIMIT_MS
  const seen = await sightedWhile((limit) => sight(told.container, () => readyTry(told, status), limit), act, limitMs)
  if (seen) return { evidence: [seen.evidence], bounds: seen.bounds }
  const said = `/status/ready is not ${status} ${limitMs / 1000} s later`
  return { evidence: [say(told, { source: 'probe from inside', said, confirms: false })], bounds: null }
}

/** That one container shows what is refused, or what is taken, that DP Manager does so, and that the container found out. */
export const attestShown = async (told: Told, wanted: Wanted, act: Promise<void>): Promise<Attestation> => {
  const ready = meanwhile(readySaid(told, wanted === 'refused' ? 503 : 200, act))
  await act
  const { evidence, bounds } = await ready
  const shown = await shownBy(told.world, told.container)
  const file = fileSaid(told, shown, wanted)
  const all = [...evidence, file, await doorSaid(told, shown, wanted)]
  return {
    evidence: all,
    bounds: all.every(({ confirms }) => confirms) ? bounds : null,
    // One that does not run writes its own files again at its next start.
    ...(wanted === 'taken' && shown && stillThere([file])),
  }
}

/** That it shows so still, right before the heal: who had its own back in between would be ready. */
export const attestShownStill = async (told: Told): Promise<readonly Evidence[]> => {
  const shown = await shownBy(told.world, told.container)
  const { isSo, said } = await readyTry(told, 503)
  return [
    fileSaid(told, shown, 'refused'),
    await doorSaid(told, shown, 'refused'),
    { ...say(told, { source: 'probe from inside', said: '', confirms: isSo }), said },
  ]
}
