// Looking again and again until a try shows what is wanted: that bounds the instant to the time between two tries.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../history/event.ts'
import type { Container } from '../topology/topology.ts'
import { leftBehind } from './attestations.ts'
import type { Attestation } from './kind.ts'

/** How long one try may take, and how soon the next follows: together they bound the instant to a few ms. */
export const TRY_MS = 250
const NEXT_TRY_MS = 3

/** How long witnesses go on looking once the injector says it is done. */
export const ATTEST_LIMIT_MS = 5000

/** What the witness saw of one container, and between which instants it changed. */
export interface Sighting {
  readonly evidence: Evidence
  readonly bounds: readonly [atLeast: number, atMost: number]
  /** The try that saw it was answered by nobody, and ended then: it shows that nobody answered, and not why. */
  readonly unansweredUntil?: number
}

/** One try. `at` is the instant it speaks of, `from` when it began; ms since the run began. */
export interface Try {
  readonly isSo: boolean
  readonly from: number
  readonly at: number
  readonly said: string
  readonly unansweredUntil?: number
}

/** Tries until one shows it. Null when `limit` aborts first. */
export const sight = async (
  container: Container,
  tryOnce: () => Promise<Try>,
  limit: AbortSignal,
): Promise<Sighting | null> => {
  let lastContrary: number | null = null
  while (!limit.aborted) {
    const { isSo, from, at, said, unansweredUntil } = await tryOnce()
    if (isSo)
      return {
        evidence: { source: 'probe from inside', said, confirms: true, at, container: container.name },
        bounds: [lastContrary ?? from, at],
        ...(unansweredUntil !== undefined && { unansweredUntil }),
      }
    lastContrary = from
    await pause(NEXT_TRY_MS, undefined, { signal: limit }).catch(() => {})
  }
  return null
}

/**
 * For what goes on while its act is waited for: an act that is rejected first leaves nobody who asks for it, and one that takes long
 * nobody who asks yet. Where it fails meanwhile, that is told to whoever asks, and is no error of the process.
 */
export const meanwhile = <Seen>(seen: Promise<Seen>): Promise<Seen> => {
  seen.catch(() => {})
  return seen
}

/** Looks while the act is under way, and for a while after it is said to be done. */
export const sightedWhile = async <Seen = Sighting>(
  look: (limit: AbortSignal) => Promise<Seen | null>,
  act: Promise<void>,
  limitMs = ATTEST_LIMIT_MS,
): Promise<Seen | null> => {
  const limit = new AbortController()
  const sighting = look(limit.signal)
  const giveUp = act.catch(() => {}).then(() => setTimeout(() => limit.abort(), limitMs))
  try {
    return await sighting
  } finally {
    clearTimeout(await giveUp)
  }
}

/** A node of several containers is in a state when its last one is. */
export const together = (attestations: readonly Attestation[]): Attestation => {
  const bounds = attestations.map((each) => each.bounds).filter((each) => each !== null)
  const left = leftBehind(attestations)
  const said = { evidence: attestations.flatMap((each) => each.evidence), ...(left.length > 0 && { left }) }
  if (bounds.length === 0) return { ...said, bounds: null }
  return {
    ...said,
    bounds: [Math.max(...bounds.map(([atLeast]) => atLeast)), Math.max(...bounds.map(([, atMost]) => atMost))],
  }
}

/** What one that was healed shows of its fault still: the words of these witnesses, where they do not confirm that it is gone. */
export const stillThere = (said: readonly Evidence[]): Pick<Attestation, 'left'> => {
  const left = said.filter(({ confirms }) => !confirms).map((each) => each.said)
  return left.length > 0 ? { left } : {}
}

/** A sighting, or its absence, as one container's attestation. */
export const asAttestation = (sighting: Sighting | null): Attestation =>
  sighting ? { evidence: [sighting.evidence], bounds: sighting.bounds } : { evidence: [], bounds: null }
