import { expect, test } from 'vitest'
import type { FaultActs } from './fault-acts.ts'
import { soakActs } from './soak.ts'
import type { Node, Topology } from './topology/topology.ts'

const node = (role: 'control-plane' | 'data-plane', i: number): Node => ({
  name: `${role}-${i}`,
  role,
  zone: 'a',
  containers: [],
})
const nodes = [node('control-plane', 1), node('control-plane', 2), node('data-plane', 1), node('data-plane', 2)]
const topology: Topology = { stack: 's', project: 'p', network: 'n', subnet: '10.0.0', nodes }

test('a turn names the nodes that it breaks, in the order of its faults', async () => {
  const broken: string[] = []
  const breaks = async ({ name }: Node) => {
    broken.push(name)
    return { heal: async () => {} }
  }
  const kinds = ['stop', 'kill', 'pause', 'isolate', 'reject', 'slow', 'cpu']
  const faults = Object.fromEntries(kinds.map((kind) => [kind, breaks])) as unknown as FaultActs
  const { soak } = soakActs(faults, { topology, options: { seed: 7, soakMs: 600_000 }, told: async () => {} })
  const turns = await soak()
  for (const turn of turns) await (await turn.begin()).heal()
  expect(turns.flatMap((turn) => turn.nodes.map(({ name }) => name))).toEqual(broken)
  expect(new Set(turns.map((turn) => turn.nodes.length))).toEqual(new Set([1, 2]))
})
