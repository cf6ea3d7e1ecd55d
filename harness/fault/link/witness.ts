// The witnesses of a slow link: how long connections take from elsewhere on the network, before and now, and the packets' own count.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../../history/event.ts'
import type { Attestation } from '../kind.ts'
import type { Tally } from '../network/network.ts'
import { type Imposed, liftSaid, limitOf, lookSaid, restartSaid, say, words } from '../network/witness.ts'
import { meanwhile, type Sighting, sight, sightedWhile, stillThere, type Try } from '../sighting.ts'
import type { Delay } from './means.ts'
import { connectOnce, type Pace, paceOf, portOf, type Runner } from './pace.ts'

/** Of the delay: what is less than this was not slowed, what is more than the rest of it is still slow. */
const AT_LEAST = 0.8
const AT_MOST_AFTER = 0.2
/** What a busy machine may add to the fastest of a few tries, ms. */
const BUSY_MS = 20
const HARDLY_MS = 2
/** A try that shows when the delay began or ended need not wait for all of it. */
const LONG_ENOUGH_MS = 100
const NEXT_COUNT_MS = 10
/** A try may take this longer than it should, before it counts as one that nobody answered. */
const PATIENCE_MS = 1000

/** One container and its slow link; `before` is what was measured when nothing was slow. */
export interface Told {
  readonly world: Runner['world']
  readonly container: Runner['container']
  readonly delay: Delay
  readonly before: Promise<Before>
  imposed(): Imposed | undefined
}

export interface Before extends Pace {
  readonly kept: Runner['kept']
}

const runner = ({ world, container }: Told, { kept }: Before): Runner => ({ world, container, kept })

const ms = (value: number): string => (Number.isFinite(value) ? `took ${value.toFixed(1)} ms` : `did not come about`)

/**
 * The least that an exchange takes with a delay; and, ms above what it took before, the least that shows one (the machine may have
 * been busy before), the most that one may show, and the most that is none.
 */
const limits = ({ delay, jitter }: Delay) => ({
  leastMs: AT_LEAST * delay,
  leastRiseMs: Math.max(AT_LEAST * delay - BUSY_MS, (AT_LEAST * delay) / 2),
  mostMs: delay + jitter + BUSY_MS,
  noneMs: AT_MOST_AFTER * delay + HARDLY_MS,
})

const patience = ({ delay, jitter }: Delay): number => delay * 2 + jitter + PATIENCE_MS

/**
 * What was measured, beside what was measured before. At the beginning the connection that was open before has to be there still;
 * later its server may have ended it.
 */
const paceSaid = (told: Told, { wanted, isLater }: Look, now: Pace, before: Before): readonly Evidence[] => {
  const { leastMs, leastRiseMs, mostMs, noneMs } = limits(told.delay)
  const exchanges = [
    ['a new connection', now.freshMs, before.freshMs],
    ['an answer on a connection that was open before', now.keptMs, before.keptMs],
  ] as const
  const ended = now.isKeptEnded && before.keptMs !== null
  const saysEnded = say(told, {
    source: 'probe from inside',
    said: 'its server has ended the connection that was open before, so nothing is known of established ones by now',
    confirms: isLater,
  })
  const said = exchanges.flatMap(([what, nowMs, beforeMs]) => {
    if (nowMs === null || beforeMs === null) return []
    const roseMs = nowMs - beforeMs
    const isSlow = nowMs >= leastMs && roseMs >= leastRiseMs && roseMs <= mostMs
    const confirms = Number.isFinite(roseMs) && (wanted === 'slow' ? isSlow : roseMs <= noneMs)
    const unkept = before.keptMs === null ? '; nobody kept one open, so nothing is known of established ones' : ''
    const said = `${what} ${ms(nowMs)} at the fastest, and ${ms(beforeMs)} before${unkept}`
    return [say(told, { source: 'probe from inside', said, confirms })]
  })
  return ended ? [...said, saysEnded] : said
}

interface Look {
  readonly wanted: 'slow' | 'quick'
  /** The fault has been in effect for a while. */
  readonly isLater: boolean
}

/** Measures until it is as wanted, or the limit passes; the last word otherwise. */
const measured = async (told: Told, look: Look): Promise<readonly Evidence[]> => {
  const before = await told.before
  const { clock } = told.world
  const until = clock.now() + limitOf(told)
  for (;;) {
    const said = paceSaid(told, look, await paceOf(runner(told, before), patience(told.delay)), before)
    if (said.every(({ confirms }) => confirms) || clock.now() > until) return said
  }
}

/** One late connection may be the machine's doing; two in a row, begun after the link was asked for, are the link's. */
const lateTry = async (told: Told, before: Before): Promise<Try> => {
  const shortMs = Math.ceil((before.freshMs ?? 0) + Math.min(limits(told.delay).leastMs, LONG_ENOUGH_MS))
  const wasAsked = told.imposed() !== undefined
  const first = await connectOnce(told, shortMs)
  const isLate = wasAsked && first.tookMs === Infinity && (await connectOnce(told, shortMs)).tookMs === Infinity
  const said = `${told.container.name} port ${portOf(told.container)}: no connection within ${shortMs} ms, twice, from a container on the same network`
  return { isSo: isLate, from: first.from, at: first.to, said }
}

const quickTry = async (told: Told, before: Before): Promise<Try> => {
  const { tookMs, from, to } = await connectOnce(told, Math.ceil((before.freshMs ?? 0) + limits(told.delay).noneMs))
  const said = `${told.container.name} port ${portOf(told.container)}: a new connection ${ms(tookMs)}`
  return { isSo: tookMs !== Infinity, from, at: to, said }
}

/** When it began, or ended; null of a container without a port, or where that was never seen. */
const sighted = async (told: Told, tryOnce: typeof lateTry, act: Promise<void>): Promise<Sighting | null> => {
  const before = await told.before
  if (portOf(told.container) === null) return null
  return sightedWhile((limit) => sight(told.container, () => tryOnce(told, before), limit), act, limitOf(told))
}

const seenBy = ({ came, went }: Tally): number => came + went

/** Asks until packets were counted beyond `than`, where somebody sends some; the last word otherwise. */
const countedBeyond = async (told: Told, than: number): Promise<Tally | null> => {
  const { world, container } = told
  const until = world.clock.now() + limitOf(told)
  for (;;) {
    const tally = await world.network.count(container.id)
    if (!tally || portOf(container) === null || seenBy(tally) > than || world.clock.now() > until) return tally
    await pause(NEXT_COUNT_MS)
  }
}

/** The kernel's count of the packets that were slowed: more than `than`, and none that got past. */
const countSaid = async (told: Told, than: number): Promise<Evidence> => {
  const tally = await countedBeyond(told, than)
  const confirms = tally !== null && tally.passed === 0 && (portOf(told.container) === null || seenBy(tally) > than)
  const said = tally ? words(tally) : 'nobody holds a slow link there'
  return say(told, { source: 'packet counter', said, confirms })
}

/** That packets of one container are late. Slow connections are evidence beside a link that counts: a busy node is slow too. */
export const attestSlow = async (told: Told, injected: Promise<void>): Promise<Attestation> => {
  const from = told.world.clock.now()
  const sighting = meanwhile(sighted(told, lateTry, injected))
  await injected
  const seen = await sighting
  const said = [...(await measured(told, { wanted: 'slow', isLater: false })), await countSaid(told, 0)]
  const restart = await restartSaid(told, told.imposed())
  const evidence = [seen?.evidence, ...said, restart].filter((each) => each !== null && each !== undefined)
  const isSlow = restart === null && said.every(({ confirms }) => confirms)
  if (!isSlow)
    return {
      evidence: evidence.map((each) => (each === seen?.evidence ? { ...each, confirms: false } : each)),
      bounds: null,
    }
  return { evidence, bounds: seen?.bounds ?? [from, told.world.clock.now()] }
}

/** That packets are late still, and were all the while: none got past the link, on the life it was laid on. */
export const attestSlowHeld = async (told: Told): Promise<readonly Evidence[]> => {
  const tally = await told.world.network.count(told.container.id)
  const said = await measured(told, { wanted: 'slow', isLater: true })
  const count = await countSaid(told, tally ? seenBy(tally) : 0)
  return [...said, count, await restartSaid(told, told.imposed())].filter((each) => each !== null)
}

/** That connections take what they took before, that nothing of ours is in the namespace, and that the link held until then. */
export const attestQuick = async (told: Told, healed: Promise<void>): Promise<Attestation> => {
  const sighting = meanwhile(sighted(told, quickTry, healed))
  await healed
  const [look, seen] = await Promise.all([lookSaid(told), sighting])
  const said = await measured(told, { wanted: 'quick', isLater: true })
  const { kept } = await told.before
  kept?.close()
  const evidence = [
    seen?.evidence,
    ...said,
    look,
    liftSaid(told, told.imposed()),
    await restartSaid(told, told.imposed()),
  ]
  return {
    evidence: evidence.filter((each) => each !== null && each !== undefined),
    bounds: seen?.bounds ?? null,
    ...stillThere([look]),
  }
}
