// Puts the nodes of one fault right, one after another, each with witnesses who look from before its heal.
import type { Node } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'

/** All of them; or the first that rejected, once every one is through. */
const all = async <T>(acts: readonly Promise<T>[]): Promise<readonly T[]> => {
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
