// Three members of a config store in memory: they are well while those that are not down are a majority.
import type { Node } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'
import { type ConfigStoreWorld, majorityOf } from './quorum.ts'

const memberAt = (place: number): Node => ({
  name: `store-${place}`,
  role: 'config-store',
  zone: 'a',
  containers: [
    {
      id: `${place}`,
      name: `store-${place}`,
      service: '',
      address: `10.99.0.${place}`,
      image: 'i',
      ports: { etcd: { inside: 2379 } },
    },
  ],
})
export const [one, two, three] = [memberAt(1), memberAt(2), memberAt(3)]
export const database: Node = { ...one, name: 'database-1', role: 'database' }

/** Three members in memory: who is down gives no answer, and the others are well while they are a majority. */
export const storeInMemory = () => {
  const down = new Set<string>()
  let nowMs = 0
  const world: ConfigStoreWorld = {
    members: [one, two, three],
    clock: {
      now: () => {
        nowMs += 1
        return nowMs
      },
    },
    exchange: async (url) => {
      const name = `store-${new URL(url).hostname.at(-1)}`
      const isWell = 3 - down.size >= majorityOf(3)
      return { ok: !down.has(name), status: isWell ? 200 : 503, body: '', from: nowMs, to: nowMs }
    },
    attestLimitMs: 3,
  }
  const sees = async (isSo: boolean, node: Node): Promise<Attestation> => ({
    evidence: [{ source: 'probe', said: `${node.name}`, confirms: isSo, at: 0, container: node.name }],
    bounds: [0, 0],
  })
  const kill: Kind = {
    kind: 'kill',
    undo: () => [],
    inject: async ({ name }) => void down.add(name),
    attest: async (node, done) => done.then(() => sees(down.has(node.name), node)),
    attestHeld: async (node) => (await sees(down.has(node.name), node)).evidence,
    heal: async ({ name }) => void down.delete(name),
    attestClear: async (node, done) => done.then(() => sees(!down.has(node.name), node)),
  }
  return { world, down, kill }
}
