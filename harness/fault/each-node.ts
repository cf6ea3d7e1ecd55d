// Breaks the nodes of one fault, all at once, and puts them right, one after another; each with witnesses who look from before.
import type { Node } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'

/** All of them; or the first that rejected, once every one is through. */
export const all = async <T>(acts: readonly Promise<T>[]): Promise<readonly T[]> => {
  await Promise.allSettled(acts)
  return Promise.all(acts)
}

/**
 * `healed` rejects with the first node's error once every node was healed or would not be: one that stays broken keeps no other
 * from it. `clear` is what the witnesses saw, and rejects likewise; whoever heals may ask for it late, or never.
 */
export const healEach = (
  kind: Kind,
  nodes: readonly Node[],
): { readonly healed: Promise<unknown>; readonly clear: Promise<readonly Attestation[]> } => {
  const acts = nodes.map((node) => {
    const healed = Promise.withResolvers<void>()
    return { node, healed, clear: kind.attestClear(node, healed.promise) }
  })
  const clear = all(acts.map((act) => act.clear))
  clear.catch(() => {})
  // One node after another: the engine's own work for several starts at once would take the processors from the rest.
  const heal = async (): Promise<void> => {
    for (const { node, healed } of acts) await kind.heal(node).then(healed.resolve, healed.reject)
  }
  const healed = all(acts.map((act) => act.healed.promise))
  void heal()
  return { healed, clear }
}

/** Breaks every node; `outcome` is the error of one where it would not land, null where it did, once the witnesses are through. */
export const injectEach = async (
  kind: Kind,
  nodes: readonly Node[],
): Promise<{ readonly outcome: unknown; readonly attestations: readonly Attestation[] }> => {
  const acts = nodes.map((node) => {
    const injected = Promise.withResolvers<void>()
    return { node, injected, attested: kind.attest(node, injected.promise) }
  })
  const attested = Promise.allSettled(acts.map((act) => act.attested))
  const landed = acts.map(async ({ node, injected }) => {
    await kind.inject(node).then(injected.resolve, injected.reject)
    await injected.promise
  })
  // One that would not land says nothing of the others, which may be on their way still.
  const outcome = await all(landed).then(
    () => null,
    (error: unknown) => error,
  )
  const attestations = (await attested).filter((each) => each.status === 'fulfilled').map((each) => each.value)
  return { outcome, attestations }
}
