// Of two runs that would stand on one subnet exactly one goes on, whichever of them looks first.
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../setup/free-port.fixture.ts'
import { refuseClashes } from './clash.ts'
import { type Lease, leaseFile, takeLease } from './lease.ts'
import { type SmallNetwork, startSmallEngine } from './small-engine.fixture.ts'

const SUBNET = '10.251.3'
const networks: SmallNetwork[] = []
let engine: Awaited<ReturnType<typeof startSmallEngine>>

beforeAll(async () => {
  engine = await startSmallEngine([], [], networks)
})

afterAll(() => engine.end())

beforeEach(() => {
  vi.stubEnv('FIREDRILL_LEASES', mkdtempSync(join(tmpdir(), 'firedrill-clash-')))
})

afterEach(() => {
  vi.unstubAllEnvs()
  networks.length = 0
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

test('ports of another machine’s engine have to be held here, since that is how they are forwarded', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const refusal = (...ports: readonly number[]): Promise<string | undefined> =>
    refuseClashes({ run: 'fd-a', subnet: SUBNET, ports: Object.fromEntries(ports.entries()) }).then(
      () => undefined,
      ({ code }) => code,
    )
  const here = await refusal(port)
  vi.stubEnv('DOCKER_HOST', 'ssh://192.0.2.1')
  const there = [await refusal(port), await refusal(port, await freePort())]
  server.close()
  expect([here, ...there]).toEqual(['ERR_PORT_TAKEN', undefined, 'ERR_ENGINE_FAR'])
})

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

describe('a network that Compose made for a run, and that its file gave no label', () => {
  const [OWN, OTHER] = ['fd-20261128-221500-a1b2c3', 'fd-20261128-221459-000000']
  const madeFor = (project: string): void => {
    const IPAM = { Config: [{ Subnet: `${SUBNET}.0/24` }] }
    networks.push({ Id: 'n1', Name: `${project}_default`, Labels: { 'com.docker.compose.project': project }, IPAM })
  }

  test('is in nobody’s way where it is the run’s own', async () => {
    madeFor(OWN)
    expect(await refused(OWN)).toEqual([])
  })

  test('is told with its run where it is another’s, and how that goes', async () => {
    madeFor(OTHER)
    await expect(refuseClashes({ run: OWN, subnet: SUBNET, ports: {} })).rejects.toMatchObject({
      code: 'ERR_SUBNET_TAKEN',
      message: expect.stringContaining(`\`npm run clean -- ${OTHER}\` removes it`),
    })
  })

  test('is somebody’s own where the project is no run of ours', async () => {
    madeFor('shop')
    await expect(refuseClashes({ run: OWN, subnet: SUBNET, ports: {} })).rejects.toMatchObject({
      code: 'ERR_SUBNET_TAKEN',
      message: expect.not.stringContaining('npm run clean'),
    })
  })
})
