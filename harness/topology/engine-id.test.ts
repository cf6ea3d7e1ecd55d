// A lease says which engine its run is on, and of another engine's nothing is taken for gone.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { elsewhereAmong, engineId } from './engine-id.ts'
import { type Lease, leaseOf, takeLease } from './lease.ts'

const engine = vi.hoisted(() => ({ ids: ['here'] as readonly (string | undefined)[], asked: 0, runs: [] as string[] }))

vi.mock('./docker.ts', () => ({
  docker: () => ({
    info: async () => {
      const ID = engine.ids[engine.asked % engine.ids.length]
      engine.asked += 1
      if (ID === 'silent') throw new Error('no answer')
      return { ID }
    },
  }),
}))
vi.mock('./residue.ts', () => ({
  residueOf: async () => engine.runs.map((run) => ({ run, containers: ['c1'], networks: [], volumes: [] })),
}))

beforeEach(() => {
  Object.assign(engine, { ids: ['here'], asked: 0, runs: [] })
  vi.stubEnv('FIREDRILL_LEASES', mkdtempSync(join(tmpdir(), 'firedrill-engine-')))
})

afterEach(() => {
  vi.unstubAllEnvs()
})

const taken = (): Promise<Lease> => takeLease({ run: 'fd-1', kind: 'up', subnet: '10.99.0' })

test('a lease names the engine that it was taken on', async () => {
  await taken()
  expect(await leaseOf('fd-1')).toMatchObject({ run: 'fd-1', engine: 'here' })
})

test.each([
  ['tells none', [undefined]],
  ['tells an empty one', ['']],
  ['makes one up for every answer', ['one', 'another']],
  ['does not answer', ['silent']],
])('an engine that %s has none, and a lease is taken on it all the same', async (_, ids) => {
  engine.ids = ids
  expect(await engineId()).toBeNull()
  expect(await taken()).not.toHaveProperty('engine')
})

test('a lease of another engine is elsewhere; one of this engine, or of none, is not', async () => {
  const lease = await taken()
  const { engine: _, ...silent } = lease
  const { endpoint: __, ...older } = silent
  const other = { ...lease, engine: 'there', endpoint: 'tcp://far:2375' }
  expect(await elsewhereAmong([lease, silent, older, other])).toEqual([other])
})

test('a lease of an engine that told no ID is elsewhere where it was asked at another endpoint', async () => {
  engine.ids = [undefined]
  const far = { ...(await taken()), endpoint: 'tcp://far:2375' }
  expect(await elsewhereAmong([far])).toEqual([far])
  engine.ids = ['here']
  expect(await elsewhereAmong([far])).toEqual([far])
  engine.runs = ['fd-1']
  expect(await elsewhereAmong([far])).toEqual([])
})

test('where the engine says nothing, what was taken where it is asked now is its own; one that says another ID is another', async () => {
  const lease = await taken()
  engine.ids = ['silent']
  expect(await elsewhereAmong([lease, { ...lease, endpoint: 'tcp://far:2375' }])).toHaveLength(1)
  engine.ids = ['anew']
  expect(await elsewhereAmong([lease])).toEqual([lease])
})

test('what is here is here, wherever it was asked, and whatever ID the engine was given since', async () => {
  const lease = { ...(await taken()), endpoint: 'unix:///another/way/to/it' }
  engine.ids = ['anew']
  engine.runs = ['fd-1']
  expect(await elsewhereAmong([lease])).toEqual([])
  engine.runs = []
  expect(await elsewhereAmong([lease])).toEqual([lease])
})
