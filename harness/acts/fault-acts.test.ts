import { expect, test } from 'vitest'
import type { Node, Topology } from '../topology/topology.ts'
import { type Breakable, faultActs } from './fault-acts.ts'

const node = (name: string, zone: string, address: string): Node => ({
  name,
  role: name.startsWith('callers') ? 'caller' : 'data-plane',
  zone,
  containers: [{ id: name, name, service: name, address, image: 'x', ports: {} }],
})
const nodes = [
  node('gateway-1', 'a', '10.0.0.41'),
  node('gateway-2', 'b', '10.0.0.42'),
  node('gateway-3', 'b', '10.0.0.43'),
]
const topology: Topology = { stack: 's', project: 'p', network: 'n', subnet: '10.0.0', nodes }
const callersInZones = [node('callers-a', 'a', '10.0.0.4'), node('callers-b', 'b', '10.0.0.5')]

/** What an act asks to be broken; nothing is, and nothing of the world is touched. */
const asked = async (act: (acts: ReturnType<typeof faultActs>) => Promise<unknown>) => {
  let told: readonly [names: readonly string[], except: unknown] = [[], undefined]
  const world = { topology, callersInZones, network: {} } as unknown as Breakable
  const acts = faultActs(world, {
    breaks: async (kind, targets) => {
      told = [[...(targets as readonly Node[])].map(({ name }) => name), kind.asked?.except]
      return { heal: async () => {} }
    },
    restarts: async () => {},
  })
  await act(acts)
  return told
}

test('a zone that is cut off as a whole takes its callers along, and they still reach their zone', async () => {
  expect(await asked((acts) => acts.isolate(nodes.slice(1), { together: true }))).toEqual([
    ['gateway-2', 'gateway-3', 'callers-b'],
    '10.0.0.42 10.0.0.43 10.0.0.5',
  ])
})

test('part of a zone takes nobody along, nor do nodes that are cut off one by one', async () => {
  expect(await asked((acts) => acts.isolate(nodes.slice(1, 2), { together: true }))).toEqual([
    ['gateway-2'],
    '10.0.0.42',
  ])
  expect(await asked((acts) => acts.isolate(nodes.slice(1)))).toEqual([['gateway-2', 'gateway-3'], undefined])
})
