// Injectors broken on purpose, to see that a fault which did not happen is never taken for one that did.
import { ScenarioError } from '../time/errors.ts'
import type { Node } from '../topology/topology.ts'
import type { Faults } from './fault.ts'
import type { Kind } from './kind.ts'

/** An injector that says done and does nothing. */
export const noOp = (kind: Kind): Kind => ({ ...kind, inject: async () => {} })

/** An injector that breaks `other`; its witnesses look at the node that was asked for. What is undone and healed is `other`. */
export const wrongTarget = (kind: Kind, other: Node): Kind => ({
  ...kind,
  check: async () => kind.check?.(other),
  undo: () => kind.undo(other),
  inject: () => kind.inject(other),
  heal: () => kind.heal(other),
})

/** A fault that ends by itself as soon as it was attested, and says so to nobody. */
export const reversedEarly = (kind: Kind): Kind => ({
  ...kind,
  attest: async (node, injected) => {
    const attestation = await kind.attest(node, injected)
    await kind.heal(node)
    return attestation
  },
})

/** An injector that says that it is healed, and heals nothing. */
export const neverHealed = (kind: Kind): Kind => ({ ...kind, heal: async () => {} })

/** Faults with the sabotage that FIREDRILL_SABOTAGE names, of every kind. Throws ScenarioError when it is unknown. It can only cost a pass. */
export const sabotagedFaults = (faults: Faults, name: string | undefined): Faults =>
  isNoOp(name) ? { ...faults, inject: (kind, targets, options) => faults.inject(noOp(kind), targets, options) } : faults

const isNoOp = (name: string | undefined): boolean => {
  if (!name) return false
  if (name === 'no-op') return true
  throw new ScenarioError(`FIREDRILL_SABOTAGE is '${name}': expected no-op.`, { code: 'ERR_SABOTAGE' })
}
