// A gateway that starts from a file of ours has that file, or nobody blames the gateway.
import { expect, test, vi } from 'vitest'
import { node } from '../fault/breaking.fixture.ts'
import { inMemory } from '../fault/in-memory.fixture.ts'
import type { Executed } from '../fault/runtime.ts'
import { FaultError } from '../time/errors.ts'
import type { Topology } from '../topology/topology.ts'
import { remakeActs } from './remake-acts.ts'

const { found } = vi.hoisted(() => ({ found: vi.fn<() => Promise<{ readonly id: string } | null>>() }))

vi.mock('../fault/replacement/remade.ts', () => ({ remade: () => ({ find: found }) }))

const topology: Topology = { stack: 's', project: 'p', network: 'n', subnet: '10.0.0', nodes: [] }

const target = {
  ...node('data-plane-1'),
  containers: [{ id: 'c1', name: 'gateway', service: 'gateway', address: '10.0.0.1', image: 'i', ports: {} }],
}

/** Boots the node, where writing comes to this; resolves with who was waited for. */
const booted = async (wrote: Executed) => {
  const { world } = inMemory()
  const waited: string[] = []
  const acts = remakeActs({
    processes: { ...world, runtime: { ...world.runtime, execute: async () => wrote } },
    topology,
    options: { upgradeTo: {} },
    breaks: async () => ({ heal: async () => {} }),
    listens: async ({ name }) => void waited.push(name),
    saysReady: async ({ name }) => void waited.push(name),
  })
  await acts.bootStandalone(target)
  return waited
}

test('a gateway that has its file is waited for', async () => {
  found.mockResolvedValue({ id: 'c2' })
  expect(await booted({ exitCode: 0, output: '' })).toEqual(['data-plane-1', 'data-plane-1'])
})

test.each<[string, Executed, { readonly id: string } | null]>([
  ['could not be written', { exitCode: 1, output: 'cannot create /tmp/apisix.yaml: Permission denied' }, { id: 'c2' }],
  ['had nobody left to be written to', { exitCode: null, output: '' }, { id: 'c2' }],
  ['has nobody standing there', { exitCode: 0, output: '' }, null],
])('a file that %s is a fault that would not land', async (_, wrote, standing) => {
  found.mockResolvedValue(standing)
  const error = await booted(wrote).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(FaultError)
  expect(error).toMatchObject({ message: expect.stringContaining(`data-plane-1: ${wrote.output}`.trim()) })
})
