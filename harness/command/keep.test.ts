// A deployment is said to be left up where it is, and nowhere else.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { optionsFrom } from '../options.ts'
import { leaseOf, takeLease } from '../topology/lease.ts'
import { type SmallContainer, startSmallEngine } from '../topology/small-engine.fixture.ts'
import { keep } from './keep.ts'

const containers: SmallContainer[] = []
const said = vi.spyOn(console, 'log').mockImplementation(() => {})
const options = optionsFrom({ FIREDRILL_RUN: 'fd-1', FIREDRILL_SUBNET: '10.213.81' })
let engine: Awaited<ReturnType<typeof startSmallEngine>>

beforeAll(async () => {
  engine = await startSmallEngine(containers)
})

afterAll(() => engine.end())

beforeEach(async () => {
  vi.stubEnv('FIREDRILL_LEASES', mkdtempSync(join(tmpdir(), 'firedrill-keep-')))
  await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.213.81' })
})

afterEach(() => {
  containers.length = 0
  said.mockClear()
  vi.unstubAllEnvs()
})

/** A balancer that publishes its ports, by their names. */
const balancer = (ports: Readonly<Record<string, number>>): SmallContainer => ({
  Id: 'c1',
  Name: '/balancer',
  Config: {
    Image: 'balancer',
    Labels: {
      'firedrill.run': 'fd-1',
      'firedrill.node': 'balancer',
      'firedrill.role': 'load-balancer',
      ...Object.fromEntries(Object.keys(ports).map((name, i) => [`firedrill.port.${name}`, String(i + 1)])),
    },
  },
  NetworkSettings: { Networks: { lab: {} } },
  HostConfig: {
    PortBindings: Object.fromEntries(
      Object.values(ports).map((port, i) => [`${i + 1}/tcp`, [{ HostPort: `${port}` }]]),
    ),
  },
})

test('one that is gone is not said to be up, and holds nothing any more', async () => {
  await keep(options)
  expect(said.mock.calls.flat()).toEqual([expect.stringContaining('no deployment of run fd-1 is left up')])
  expect(await leaseOf('fd-1')).toBeNull()
})

test('one that is there stays, and its own ports are told', async () => {
  containers.push(balancer({ dashboard: 9000, http: 9081 }))
  await keep(options)
  expect(said.mock.calls.flat()).toEqual([
    expect.stringContaining('Dashboard http://127.0.0.1:9000, gateway http://127.0.0.1:9081/orders/42'),
  ])
  expect(await leaseOf('fd-1')).toMatchObject({ kind: 'up' })
})

test('one that publishes no Dashboard stays all the same', async () => {
  containers.push(balancer({}))
  await keep(options)
  expect(said.mock.calls.flat()).toEqual([expect.stringContaining('left up, healed')])
  expect(await leaseOf('fd-1')).toMatchObject({ kind: 'up' })
})
