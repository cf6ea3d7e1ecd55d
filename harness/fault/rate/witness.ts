// The witnesses of a limited bandwidth: how long a node takes to send so many answers, before and now, and what its queue counts.
import type { Evidence } from '../../history/event.ts'
import type { Container } from '../../topology/topology.ts'
import type { Attestation } from '../kind.ts'
import type { Drawn, NetworkWorld, Queue, Tally } from '../network/network.ts'
import { type Imposed, laidBetween, liftSaid, limitOf, lookSaid, restartSaid, say, words } from '../network/witness.ts'
import { meanwhile, sight, sightedWhile, stillThere } from '../sighting.ts'
import { type Before, DRAW_MS, drawFresh, tookMs } from './draw.ts'

/** Of the time that the rate allows at the least: what the callers' clock may be wrong by is far less than the rest. */
const AT_LEAST = 0.9
/** Others share the rate: a draw may take so much longer before it counts as one that nobody answered, ms. */
const PATIENCE_MS = 2000

/** What the kernel was asked for: how fast, and how many bytes may go before that counts. */
export interface Rate {
  readonly kbitPerSecond: number
  readonly burstBytes: number
}

/** One container and its limit; `before` is what was measured when there was none. */
export interface Told {
  readonly world: NetworkWorld
  readonly container: Container
  readonly rate: Rate
  readonly before: Promise<Before>
  imposed(): Imposed | undefined
}

/** A kbit/s is an eighth of a byte in each ms. */
export const bytesIn = (ms: number, { kbitPerSecond }: Rate): number => (ms * kbitPerSecond) / 8

const leastMs = (bytes: number, rate: Rate): number =>
  (AT_LEAST * Math.max(0, bytes - rate.burstBytes) * 8) / rate.kbitPerSecond

/** Half way between what it took before and what it takes at the least: what is below was not limited. */
const freeMs = (bytes: number, rate: Rate, before: Before): number => (before.tookMs + leastMs(bytes, rate)) / 2

const drawSaid = (
  told: Told,
  drawn: Drawn | null,
  { what, wanted, before }: { readonly what: string; readonly wanted: 'limited' | 'free'; readonly before: Before },
): Evidence => {
  const source = 'probe from inside'
  if (drawn?.outcome !== 'answered')
    return say(told, { source, said: `${what} did not give the answers it was asked for`, confirms: false })
  const [took, least] = [tookMs(drawn), leastMs(drawn.bytes, told.rate)]
  const isTold = before.tookMs <= least / 2
  const isSo = wanted === 'limited' ? took >= least : took <= freeMs(drawn.bytes, told.rate, before)
  const doubt = isTold ? '' : ', and that is too slow as it was to tell the limit from it'
  const unkept = before.kept ? '' : '; nobody kept one open, so nothing is known of established ones'
  const said = `${what} took ${took.toFixed(0)} ms for ${drawn.bytes} bytes, which take ${least.toFixed(0)} at the least where ${told.rate.kbitPerSecond} kbit/s is the limit, and took ${before.tookMs.toFixed(0)} ms before${doubt}${unkept}`
  return say(told, { source, said, confirms: isTold && isSo })
}

const patience = ({ answers, tookMs: wasMs }: Before): { answers: number; limitMs: number } => ({
  answers,
  limitMs: PATIENCE_MS + (Number.isFinite(wasMs) ? wasMs : 0),
})

/** Draws on new connections until it is as wanted, or the limit passes; the last word otherwise. */
const freshSaid = async (told: Told, wanted: 'limited' | 'free'): Promise<Evidence> => {
  const before = await told.before
  const until = told.world.clock.now() + limitOf(told)
  for (;;) {
    const drawn = await drawFresh(told.world, told.container, patience(before))
    const said = drawSaid(told, drawn, { what: 'a new connection', wanted, before })
    if (said.confirms || drawn === null || told.world.clock.now() > until) return said
  }
}

/** One draw on the connection that was open before; its server may end it after so many answers. Nothing where there is none. */
const keptSaid = async (told: Told): Promise<Evidence | null> => {
  const before = await told.before
  if (!before.kept) return null
  const { answers, limitMs } = patience(before)
  const drawn = await before.kept.draw(answers, limitMs)
  before.kept.close()
  return drawSaid(told, drawn, { what: 'a connection that was open before', wanted: 'limited', before })
}

const NONE: Queue = { bytesPerSecond: 0, bytes: 0, waits: 0 }

const queueWords = ({ bytesPerSecond, bytes, waits }: Queue): string =>
  `its queue lets ${(bytesPerSecond * 8) / 1000} kbit/s out, has sent ${bytes} bytes, and made packets wait ${waits} times`

/** The queue's own count: at the rate that was asked for, gone on beyond `than`, and nothing that went past it. */
const countSaid = (told: Told, tally: Tally | null, than: Queue): Evidence => {
  const source = 'packet counter'
  const queue = tally?.queue
  if (!tally || !queue) return say(told, { source, said: 'nobody holds a queue there', confirms: false })
  const isAsked = queue.bytesPerSecond === told.rate.kbitPerSecond * 125
  const goesOn = queue.bytes > than.bytes && queue.waits > than.waits
  const confirms = isAsked && goesOn && tally.went > 0 && tally.passed === 0
  return say(told, { source, said: `${queueWords(queue)}; ${words(tally)}`, confirms })
}

/** What was attested, and what the queue had counted by then. */
export interface Limited extends Attestation {
  readonly queue: Queue
}

/** That what one container sends is limited, on new connections and on one that was open before. */
export const attestLimited = async (told: Told, injected: Promise<void>): Promise<Limited> => {
  const laying = meanwhile(laidBetween(told, injected))
  await injected
  const laid = await laying
  const seen = [await freshSaid(told, 'limited'), await keptSaid(told)]
  const tally = await told.world.network.count(told.container.id)
  const said = [...seen, countSaid(told, tally, NONE), await restartSaid(told, told.imposed())]
  const evidence = said.filter((each) => each !== null)
  const isLimited = evidence.every(({ confirms }) => confirms)
  return { evidence, bounds: isLimited ? laid : null, queue: tally?.queue ?? NONE }
}

/** That it is limited still, by the same queue, and was all the while: this went on counting, and nothing went past it. */
export const attestLimitHeld = async (told: Told, since: Queue): Promise<readonly Evidence[]> => {
  const fresh = await freshSaid(told, 'limited')
  const count = countSaid(told, await told.world.network.count(told.container.id), since)
  return [fresh, count, await restartSaid(told, told.imposed())].filter((each) => each !== null)
}

/** One draw that is over in time was not limited; one that is not says nothing of when. */
const freeTry = async (told: Told, before: Before) => {
  const { clock } = told.world
  const from = clock.now()
  const wantedMs = Math.ceil(freeMs(told.rate.burstBytes + bytesIn(DRAW_MS, told.rate), told.rate, before))
  const drawn = await drawFresh(told.world, told.container, { answers: before.answers, limitMs: wantedMs })
  const isSo = drawn !== null && tookMs(drawn) <= wantedMs
  const said = `${told.container.name}: a new connection gave ${before.answers} answers ${isSo ? `in ${tookMs(drawn).toFixed(0)} ms` : `within ${wantedMs} ms`}`
  return { isSo, from, at: drawn?.to ?? clock.now(), said }
}

/** That one container sends as it did before, that nothing of ours is in the namespace, and that the queue held until then. */
export const attestFree = async (told: Told, healed: Promise<void>): Promise<Attestation> => {
  const before = await told.before
  const look = (limit: AbortSignal) => sight(told.container, () => freeTry(told, before), limit)
  const sighting = meanwhile(sightedWhile(look, healed, limitOf(told)))
  await healed
  const [rules, seen] = await Promise.all([lookSaid(told), sighting])
  const fresh = await freshSaid(told, 'free')
  const evidence = [
    seen?.evidence,
    fresh,
    rules,
    liftSaid(told, told.imposed()),
    await restartSaid(told, told.imposed()),
  ]
  return {
    evidence: evidence.filter((each) => each !== null && each !== undefined),
    bounds: seen?.bounds ?? null,
    ...stillThere([rules]),
  }
}
