// For tests: containers in memory in whose place others are put, and what the engine says of those.
import type { Container } from '../../topology/topology.ts'
import { inMemory, target } from '../in-memory.fixture.ts'
import type { Attestation, Kind } from '../kind.ts'
import type { Replacement, Replacements } from './docker.ts'

export const NETWORK = 'deployment'

export const containerOf = (id: string): Container => {
  const found = target.containers.find((each) => each.id === id)
  if (!found) throw new RangeError(`Nobody is called ${id}.`)
  return found
}

/** `addressOf` says where the other of a container stands, `says` whatever else the engine says of it; `image` is what it is made of. */
export const replaceableInMemory = ({
  addressOf = ({ address }: Container) => address,
  image,
  says = {},
}: {
  readonly addressOf?: (container: Container) => string
  readonly image?: string
  readonly says?: Partial<Replacement>
}) => {
  const { world, end } = inMemory()
  /** Container → who stands in its place. */
  const standing = new Map<string, string>()
  let count = 1
  const replacements: Replacements = {
    look: async (id) => ({
      id,
      name: id,
      network: NETWORK,
      address: containerOf(id).address,
      names: [id],
      restart: { Name: 'always' },
      create: { ...(image !== undefined && { Image: image }) },
    }),
    keepDown: async () => {},
    put: async ({ id }) => {
      count += 1
      standing.set(id, `${id}-${count}`)
      await world.runtime.start(`${id}-${count}`)
    },
    find: async (id) => {
      const other = standing.get(id)
      if (!other) return null
      const { running } = await world.runtime.state(other)
      return { id: other, isRunning: running, addresses: { [NETWORK]: addressOf(containerOf(id)) }, ...says }
    },
    reinstate: async ({ container }) => void standing.delete(container),
  }
  return { world, end, standing, replacements, clock: world.clock }
}

/** Injects it, while it is attested. */
export const injected = async (kind: Kind): Promise<Attestation> => {
  await kind.check?.(target)
  const done = Promise.withResolvers<void>()
  const attested = kind.attest(target, done.promise)
  await kind.inject(target).then(done.resolve, done.reject)
  return attested
}

/** Heals it, and whatever else happens, while it is attested. */
export const healed = async (kind: Kind, then: () => Promise<void> = async () => {}): Promise<Attestation> => {
  const done = Promise.withResolvers<void>()
  const cleared = kind.attestClear(target, done.promise)
  await kind.heal(target).then(then).then(done.resolve, done.reject)
  return cleared
}

export const doubts = (evidence: readonly { readonly confirms: boolean; readonly said: string }[]): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)
