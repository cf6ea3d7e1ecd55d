// How a fault is healed: asked whether it held, undone node after node, and attested clear; and what a fault is until then.
import type { Evidence } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { FaultError } from '../time/errors.ts'
import { settlesWithin } from '../time/turns.ts'
import type { Node } from '../topology/topology.ts'
import { contradictions, isProven, leftBehind, merge } from './attestations.ts'
import { healEach } from './each-node.ts'
import type { Fault, FaultLog } from './fault.ts'
import type { Attestation, Kind } from './kind.ts'

/** A drill is torn down within 25 s. */
const LANDING_LIMIT_MS = 20_000

/** A fault from its intent until it is attested clear. */
export interface Held extends Fault {
  readonly broken: readonly string[]
  readonly otherSide: readonly string[]
  stage: 'held' | 'healing' | 'healed'
  /** When it was in effect, ms since the run began; null until that is proven. */
  since: number | null
  /** Settles once it was injected, or would not be. */
  landing: Promise<unknown>
  limit?: NodeJS.Timeout
}

/** The targets, those that `order` names first and in its order. */
const inOrder = (targets: readonly Node[], order: readonly Node[]): readonly Node[] => {
  const place = (node: Node): number => {
    const at = order.findIndex(({ name }) => name === node.name)
    return at < 0 ? order.length : at
  }
  return targets.toSorted((a, b) => place(a) - place(b))
}

export interface Healing {
  /** Writes down that a fault failed; the error is to be thrown. */
  fail(
    fault: Pick<Fault, 'id' | 'kind'>,
    targets: readonly string[],
    because: string,
    evidence?: readonly Evidence[],
    cause?: unknown,
  ): FaultError
  /** Undoes it and waits until that is attested. Rejects with FaultError where it is not; again it tries again. */
  heal(
    fault: Held,
    kind: Kind,
    how: { readonly by: 'script' | 'fixture' | 'longest life'; readonly order?: readonly Node[] },
  ): Promise<void>
  /** Nobody healed it in time: it goes, and the record says that this was not the script's doing. */
  endOfLife(fault: Held, kind: Kind, longestMs: number): Promise<void>
}

/** `landingLimitMs`: a fault that is still being injected is waited for so long before it is healed. */
export const createHealing = ({
  recorder,
  clock,
  log,
  landingLimitMs = LANDING_LIMIT_MS,
}: {
  readonly recorder: Recorder
  readonly clock: Clock
  readonly log: FaultLog
  readonly landingLimitMs?: number
}): Healing => {
  const fail = (
    fault: Pick<Fault, 'id' | 'kind'>,
    targets: readonly string[],
    because: string,
    evidence?: readonly Evidence[],
    cause?: unknown,
  ): FaultError => {
    recorder.record({
      kind: 'fault',
      at: clock.now(),
      id: fault.id,
      fault: fault.kind,
      targets,
      stage: 'failed',
      because,
      ...(evidence && { evidence }),
    })
    return new FaultError(`${fault.kind} of ${targets.join(', ')}: ${because}`, { code: 'ERR_FAULT', cause })
  }

  /** A witness that cannot be asked any more must not keep a fault in effect: that nobody can say it is what it says. */
  const unsaid = (node: Node, error: Error): readonly Evidence[] => [
    {
      source: 'silent witness',
      said: `nobody can say it of ${node.name}: ${error.message}`,
      confirms: false,
      at: clock.now(),
    },
  ]

  /** Whether it was in effect until now: nothing is asked of a fault that was never proven to be. */
  const heldSince = async (fault: Held, kind: Kind): Promise<readonly Evidence[]> => {
    const { since } = fault
    if (since === null) return []
    const said = await Promise.all(
      fault.targets.map((node) => kind.attestHeld(node, since).catch((error: Error) => unsaid(node, error))),
    )
    return said.flat()
  }

  /**
   * Throws where it may be there still: then it is not healed, and is tried again. Whatever else speaks against it is written down,
   * node by node: once the words of all are merged, a no about one of them may lie before the bounds, and pass for "not yet".
   */
  const believe = (fault: Held, attestations: readonly Attestation[], hasLanded: boolean): void => {
    const refuse = (because: string, evidence?: readonly Evidence[]): FaultError =>
      fail(fault, fault.broken, because, evidence)
    const { evidence } = merge(attestations)
    const left = leftBehind(attestations)
    if (left.length > 0) throw refuse(`healed, but it is there still: ${left.join('; ')}`, evidence)
    if (!isProven(fault.targets, attestations)) throw refuse('healed, but nobody could attest it', evidence)
    if (!hasLanded) throw refuse('healed while it was still being injected: it may land yet, and is to be healed again')
    // Of one that was never proven to be in effect it is known that it failed.
    if (fault.since === null) return
    for (const said of contradictions(attestations)) refuse(`healed, but it is contradicted: ${said}`)
  }

  const healing = async (
    fault: Held,
    kind: Kind,
    { by, order = fault.targets }: { by: 'script' | 'fixture' | 'longest life'; order?: readonly Node[] },
  ): Promise<void> => {
    if (fault.stage === 'healed') return
    clearTimeout(fault.limit)
    const told = { kind: 'fault', id: fault.id, fault: fault.kind, targets: fault.broken } as const
    const evidence = fault.stage === 'held' ? await heldSince(fault, kind) : []
    fault.stage = 'healing'
    const heal = recorder.recordSynced({
      ...told,
      at: clock.now(),
      stage: 'heal',
      ...(evidence.length > 0 && { evidence }),
      ...(by !== 'script' && { because: by }),
    })
    // A full disk must not keep it in effect: the recorder tries again, and tells of what is missing when it is closed.
    await heal.catch(() => {})
    // A script that ran out of time in the middle of a graceful stop: healed at once, the stop would land afterwards and stay.
    const hasLanded = await settlesWithin(fault.landing, landingLimitMs)
    const { healed, clear } = healEach(kind, inOrder(fault.targets, order))
    try {
      await healed
      recorder.record({ ...told, at: clock.now(), stage: 'healed' })
      const attestations = await clear
      believe(fault, attestations, hasLanded)
      fault.stage = 'healed'
      recorder.record({ ...told, ...merge(attestations), at: clock.now(), stage: 'clear' })
      await log.clear(fault.id).catch((error: Error) => {
        throw fail(
          fault,
          fault.broken,
          `it is healed, and stays open in the fault log: ${error.message}`,
          undefined,
          error,
        )
      })
    } catch (error) {
      await clear.catch(() => {})
      if (error instanceof FaultError) throw error
      throw fail(fault, fault.broken, `would not heal: ${(error as Error).message}`, undefined, error)
    }
  }

  const endOfLife = async (fault: Held, kind: Kind, longestMs: number): Promise<void> => {
    if (fault.stage !== 'held') return
    fail(fault, fault.broken, `nobody healed it within its longest life of ${longestMs / 1000} s`)
    // What will not heal now is tried again, and named, when the drill ends.
    await healing(fault, kind, { by: 'longest life' }).catch(() => {})
  }

  return { fail, heal: healing, endOfLife }
}
