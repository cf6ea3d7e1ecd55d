import { expect, test } from 'vitest'
import { bareTopology } from '../bare-topology.fixture.ts'
import type { Node } from '../topology/topology.ts'
import type { FaultActs } from './fault-acts.ts'
import { soakActs } from './soak.ts'

test('a turn names the nodes that it breaks, in the order of its faults', async () => {
  const broken: string[] = []
  const breaks = async ({ name }: Node) => {
    broken.push(name)
    return { heal: async () => {} }
  }
  const kinds = ['stop', 'kill', 'pause', 'isolate', 'reject', 'slow', 'cpu']
  const faults = Object.fromEntries(kinds.map((kind) => [kind, breaks])) as unknown as FaultActs
  const { soak } = soakActs(faults, {
    topology: bareTopology,
    options: { seed: 7, soakMs: 600_000 },
    told: async () => {},
  })
  const turns = await soak()
  for (const turn of turns) await (await turn.begin()).heal()
  expect(turns.flatMap((turn) => turn.nodes.map(({ name }) => name))).toEqual(broken)
  expect(new Set(turns.map((turn) => turn.nodes.length))).toEqual(new Set([1, 2]))
})
