// A deployment is said to be left up where it is, and nowhere else.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { faultLog, noteClear, openFaults } from '../fault/fault-log.ts'
import { optionsFrom } from '../options.ts'
import { writeLeftBehind } from '../report/judged.ts'
import { leaseFile, leaseOf, takeLease, whileClearing } from '../topology/lease.ts'
import { type SmallContainer, startSmallEngine } from '../topology/small-engine.fixture.ts'
import { keep } from './keep.ts'

vi.mock('../topology/lease.ts', async (original) => {
  const lease = await original<typeof import('../topology/lease.ts')>()
  return { ...lease, takeLease: vi.fn(lease.takeLease) }
})

const { takeLease: taken } = await vi.importActual<typeof import('../topology/lease.ts')>('../topology/lease.ts')
const containers: SmallContainer[] = []
const said = vi.spyOn(console, 'log').mockImplementation(() => {})
const folder = mkdtempSync(join(tmpdir(), 'firedrill-kept-'))
const options = optionsFrom({ FIREDRILL_RUN: 'fd-1', FIREDRILL_RUN_FOLDER: folder, FIREDRILL_SUBNET: '10.213.81' })
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
  NetworkSettings: { Networks: { lab: { IPAMConfig: { IPv4Address: '10.213.81.10' } } } },
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

test('one that is gone in the end has left nothing behind, though it would not go before', async () => {
  await writeLeftBehind(folder, 'the network fd-1 would not go')
  await keep(options)
  expect(existsSync(join(folder, 'left-behind.json'))).toBe(false)
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

/** A pause of the balancer that nobody healed. */
const paused = (): Promise<void> =>
  faultLog('fd-1').intend({
    id: 'pause-1',
    kind: 'pause',
    targets: ['balancer'],
    undo: [{ act: 'unpause', container: 'c1' }],
    longestMs: 1000,
  })

/** As the engine tells of it; of one that says nothing of its state, nobody knows whether it is paused. */
const inState = (Paused: boolean): SmallContainer => Object.assign(balancer({}), { State: { Paused } })

test('a fault that would not be undone is named, and nobody says that it is healed', async () => {
  containers.push(balancer({}))
  await paused()
  await keep(options)
  expect(said.mock.calls.flat()).toEqual([expect.stringMatching(/left up, not healed: pause of balancer .*unpause: /)])
  expect(said.mock.calls.flat()[0]).toContain('`npm run clean`')
  expect(openFaults('fd-1')).toHaveLength(1)
  expect(await leaseOf('fd-1')).toMatchObject({ kind: 'up' })
})

test('where nobody knows what is open, nobody says that it is healed, and it stays all the same', async () => {
  containers.push(balancer({}))
  writeFileSync(leaseFile('fd-1', 'faults.jsonl'), 'no log\n')
  await keep(options)
  expect(said.mock.calls.flat()).toEqual([expect.stringContaining('left up, and nobody can say that it is healed: ')])
  expect(await leaseOf('fd-1')).toMatchObject({ kind: 'up' })
})

test('a fault that the drill had left open is undone before anybody says healed', async () => {
  containers.push(inState(false))
  await paused()
  await keep(options)
  expect(said.mock.calls.flat()).toEqual([expect.stringContaining('left up, healed')])
  expect(openFaults('fd-1')).toEqual([])
})

test('where the warden is at it already, its end is waited for', async () => {
  containers.push(balancer({}))
  await paused()
  let warden: Promise<unknown> = Promise.resolve()
  // It looks whenever it likes: here, as soon as there is something to see.
  vi.mocked(takeLease).mockImplementationOnce(async (claim) => {
    const lease = await taken(claim)
    const { promise: isAtIt, resolve: begin } = Promise.withResolvers<void>()
    warden = whileClearing('fd-1', async () => {
      begin()
      await wait(400)
      for (const fault of openFaults('fd-1')) noteClear('fd-1', fault)
    })
    await isAtIt
    return lease
  })
  said.mockImplementationOnce(() => expect(openFaults('fd-1')).toEqual([]))
  await keep(options)
  await warden
  expect(said.mock.calls.flat()).toEqual([expect.stringContaining('left up, healed')])
})
