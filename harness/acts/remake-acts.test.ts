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

const FINE: Executed = { exitCode: 0, output: '' }

/** What the gateway answers to what callers ask for: with the header that its file gives each answer, without it, or nobody. */
type Answers = 'from its file' | 'from elsewhere' | 'nobody'

/** Boots the node, where writing comes to this; resolves with who was waited for. */
const booted = async (wrote: Executed, answers: Answers = 'from its file') => {
  const { world } = inMemory()
  const waited: string[] = []
  let file = ''
  const acts = remakeActs({
    processes: {
      ...world,
      runtime: {
        ...world.runtime,
        execute: async (_, command) => {
          file = command.at(-1) ?? ''
          return wrote
        },
      },
    },
    topology,
    options: { upgradeTo: {} },
    breaks: async () => ({ heal: async () => {} }),
    listens: async ({ name }) => void waited.push(name),
    saysReady: async ({ name }) => void waited.push(name),
    serves: async ({ name }) => {
      waited.push(name)
      const [, header = '', value = ''] = /"set":\{"([^"]+)":"([^"]+)"\}/.exec(file) ?? []
      return answers === 'nobody'
        ? null
        : { headers: answers === 'from its file' ? { [header.toLowerCase()]: value } : {} }
    },
  })
  await acts.bootStandalone(target)
  return waited
}

test('a gateway that has its file is waited for, and serves from it', async () => {
  found.mockResolvedValue({ id: 'c2' })
  expect(await booted(FINE)).toEqual(['data-plane-1', 'data-plane-1', 'data-plane-1'])
})

test('a gateway that serves, and not from its file, was not told what it was to be told: a fault that would not land', async () => {
  found.mockResolvedValue({ id: 'c2' })
  const error = await booted(FINE, 'from elsewhere').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(FaultError)
  expect(error).toMatchObject({ message: expect.stringMatching(/data-plane-1 .*\/tmp\/apisix\.yaml/) })
})

test('a gateway that has its file and serves nobody is judged by that', async () => {
  found.mockResolvedValue({ id: 'c2' })
  expect(await booted(FINE, 'nobody')).toHaveLength(3)
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
