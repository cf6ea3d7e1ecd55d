// Of two runs that would stand on one subnet exactly one goes on, whichever of them looks first.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { refuseClashes } from './clash.ts'
import { type Lease, leaseFile, takeLease } from './lease.ts'
import { startSmallEngine } from './small-engine.fixture.ts'

const SUBNET = '10.251.3'
let engine: Awaited<ReturnType<typeof startSmallEngine>>

beforeAll(async () => {
  engine = await startSmallEngine()
})

afterAll(() => engine.end())

beforeEach(() => {
  vi.stubEnv('FIREDRILL_LEASES', mkdtempSync(join(tmpdir(), 'firedrill-clash-')))
})

afterEach(() => {
  vi.unstubAllEnvs()
})

const held = async (run: string, since: string, kind: Lease['kind'] = 'drill'): Promise<void> => {
  const lease = await takeLease({ run, kind, subnet: SUBNET })
  writeFileSync(leaseFile(run, 'json'), JSON.stringify({ ...lease, since }))
}

/** Those of the runs that are refused, each told of another. */
const refused = async (...runs: readonly string[]): Promise<readonly string[]> => {
  const asked = runs.map((run) =>
    refuseClashes({ run, subnet: SUBNET, ports: {} }).then(
      () => [],
      ({ code }: { readonly code?: string }) => [`${run} ${code}`],
    ),
  )
  return (await Promise.all(asked)).flat()
}

const [EARLY, LATE] = ['2026-11-26T12:00:00.000Z', '2026-11-26T12:00:00.001Z']

test('who was first goes on', async () => {
  await held('fd-b', EARLY)
  await held('fd-a', LATE)
  expect(await refused('fd-a', 'fd-b')).toEqual(['fd-a ERR_SECOND_RUN'])
})

test('of two of the same instant the name decides', async () => {
  await held('fd-b', EARLY)
  await held('fd-a', EARLY)
  expect(await refused('fd-a', 'fd-b')).toEqual(['fd-b ERR_SECOND_RUN'])
})

test('what is up was there before, whenever it came to be kept', async () => {
  await held('fd-a', EARLY)
  await held('fd-up', LATE, 'up')
  expect(await refused('fd-a')).toEqual(['fd-a ERR_SECOND_RUN'])
})

test.each(['abc', '70000', '80.5', '-1'])(
  'a port that is none, %s, is told with the variable that names it',
  async (text) => {
    vi.stubEnv('FIREDRILL_PORT_GATEWAY', text)
    const ports = { FIREDRILL_PORT_GATEWAY: Number(text) }
    await expect(refuseClashes({ run: 'fd-a', subnet: SUBNET, ports })).rejects.toMatchObject({
      name: 'ScenarioError',
      code: 'ERR_OPTION',
      message: expect.stringContaining(`FIREDRILL_PORT_GATEWAY is '${text}': expected a port`),
    })
  },
)

test('a run on another engine is in nobody’s way here', async () => {
  await held('fd-up', EARLY, 'up')
  const lease = await takeLease({ run: 'fd-up', kind: 'up', subnet: SUBNET })
  writeFileSync(leaseFile('fd-up', 'json'), JSON.stringify({ ...lease, engine: 'there', endpoint: 'tcp://far:2375' }))
  expect(await refused('fd-a')).toEqual([])
})

test('a run without a lease is refused by any, and no run by itself', async () => {
  await held('fd-a', LATE)
  expect(await refused('by-hand', 'fd-a')).toEqual(['by-hand ERR_SECOND_RUN'])
})
