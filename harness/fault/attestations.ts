// What the witnesses of a fault's nodes say together.
import type { Evidence } from '../history/event.ts'
import type { Node } from '../topology/topology.ts'
import type { Attestation } from './kind.ts'

/** One fault's word: all the evidence there is, and the bounds of the node that came last. */
export const merge = (
  attestations: readonly Attestation[],
): { evidence: readonly Evidence[]; bounds?: readonly [number, number] } => {
  const bounds = attestations.map((each) => each.bounds).filter((each) => each !== null)
  return {
    evidence: attestations.flatMap((each) => each.evidence),
    ...(bounds.length > 0 && {
      bounds: [
        Math.max(...bounds.map(([atLeast]) => atLeast)),
        Math.max(...bounds.map(([, atMost]) => atMost)),
      ] as const,
    }),
  }
}

/** What of the fault may be there still after its heal. */
export const leftBehind = (attestations: readonly Attestation[]): readonly string[] =>
  attestations.flatMap(({ left = [] }) => left)

/** Somebody independent says so of every node. */
export const isProven = (targets: readonly Node[], attestations: readonly Attestation[]): boolean =>
  targets.length > 0 && attestations.every((each) => each.evidence.some((evidence) => evidence.confirms))

/** What a witness saw before the bounds is how they came about ("not yet"); from then on a no is a contradiction. */
export const contradictions = (attestations: readonly Attestation[]): readonly string[] =>
  attestations.flatMap(({ evidence, bounds }) =>
    evidence.filter((each) => !each.confirms && each.at >= (bounds?.[0] ?? -Infinity)).map((each) => each.said),
  )
