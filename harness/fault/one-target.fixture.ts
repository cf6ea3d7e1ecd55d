// A kind played on one node from its act to its word: the node, one that stands by, and what was said for and against.
import type { Container, Node } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'

const containerOf = (name: string): Container => ({
  id: name,
  name,
  service: name,
  address: name,
  image: 'i',
  ports: { http: { inside: 8080 } },
})

const node = (name: string): Node => ({ name, role: 'data-plane', zone: 'a', containers: [containerOf(name)] })

export const target = node('gateway')
export const bystander = node('bystander')

/** Injects it and resolves with who attested what. */
export const injected = async (kind: Kind, on = target): Promise<Attestation> => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attest(on, act.promise)
  await kind.inject(on).then(act.resolve, act.reject)
  return attested
}

/** Heals it and resolves with who attested that. */
export const healed = async (kind: Kind, on = target): Promise<Attestation> => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attestClear(on, act.promise)
  await kind.heal(on).then(act.resolve, act.reject)
  return attested
}

/** What was said for it, or against it. */
export const said = ({ evidence }: Pick<Attestation, 'evidence'>, confirms: boolean): readonly string[] =>
  evidence.filter((each) => each.confirms === confirms).map((each) => each.said)
