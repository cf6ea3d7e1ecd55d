// On an engine that several share, what is another's is cleared where it is known to be dead, and named and left alone where not.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type Holder, thisProcess } from '../topology/holder.ts'
import { leaseFile, leases, takeLease } from '../topology/lease.ts'
import { type Owner, tellOwner } from '../topology/owner.ts'
import { remove } from '../topology/residue.ts'
import { type SmallContainer, type SmallVolume, startSmallEngine } from '../topology/small-engine.fixture.ts'
import { clearDead, clearNamed, leftAlone } from './clearing.ts'

// Nothing here comes to be late: clearing.test.ts has what does.
vi.mock('./quiet.ts', () => ({ QUIET_MS: 150 }))

const RUN = 'fd-theirs'
const containers: SmallContainer[] = []
const volumes: SmallVolume[] = []
let engine: Awaited<ReturnType<typeof startSmallEngine>>
let folder = ''

beforeAll(async () => {
  engine = await startSmallEngine(containers, volumes)
})

afterAll(() => engine.end())

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-shared-'))
  vi.stubEnv('FIREDRILL_LEASES', folder)
  containers.splice(0)
  volumes.splice(0)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** A gateway of the run, as anybody who shares the engine sees it. */
const gatewayOf = (run: string): void => {
  containers.push({
    Id: `gateway-of-${run}`,
    Name: `/${run}-gateway`,
    Config: { Labels: { 'firedrill.run': run, 'firedrill.node': 'data-plane-1' }, Image: 'gateway' },
    NetworkSettings: { Networks: {} },
    HostConfig: { PortBindings: {} },
  })
}

/** What the owner told the engine of itself: somebody whose leases are not in this folder. */
const told = (more: Partial<Owner> = {}, run = RUN): Owner => {
  const owner: Owner = { user: 'alice', stays: false, ...thisProcess(), ...more }
  volumes.push({ Name: run, Labels: { 'firedrill.run': run, 'firedrill.owner': JSON.stringify(owner) } })
  return owner
}

const ended: Pick<Holder, 'startTicks'> = { startTicks: '1' }
const runs = () => containers.map(({ Config }) => Config.Labels['firedrill.run'])

test('one of which nobody told, and nobody here has a lease, is residue and is cleared', async () => {
  gatewayOf(RUN)
  expect(await clearDead()).toEqual([{ run: RUN, isKept: false, faults: [], failed: [] }])
  expect([runs(), await leftAlone()]).toEqual([[], []])
})

test('one whose process lives is left alone with its processes', async () => {
  gatewayOf(RUN)
  told()
  const harness = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], {
    env: { ...process.env, FIREDRILL_RUN: RUN },
  })
  const end = once(harness, 'exit')
  await once(harness, 'spawn')
  try {
    expect(await clearDead()).toEqual([])
    expect({ left: runs(), signal: harness.signalCode }).toEqual({ left: [RUN], signal: null })
  } finally {
    harness.kill('SIGKILL')
    await end
  }
})

test('one whose process lives is left alone, and told to live', async () => {
  gatewayOf(RUN)
  const owner = told()
  expect([await clearDead(), runs()]).toEqual([[], [RUN]])
  expect(await leftAlone()).toEqual([{ run: RUN, life: 'alive', owner }])
})

test('one whose process ended on this machine is cleared, whoever it was', async () => {
  gatewayOf(RUN)
  told(ended)
  expect(await clearDead()).toEqual([{ run: RUN, isKept: false, faults: [], failed: [] }])
  expect([runs(), volumes, await leftAlone()]).toEqual([[], [], []])
})

test.each<[string, Partial<Owner>]>([
  ['on another machine', { ...ended, host: 'elsewhere', boot: 'another' }],
  ['before a machine of this name began anew, or on another one of this name', { ...ended, boot: 'another' }],
  ['in a container', { ...ended, pids: 'pid:[1]' }],
  ['and is to stay without it', { ...ended, stays: true }],
  ['where the kernel tells nothing', { ...ended, boot: '' }],
])('one whose process ran %s is left alone', async (_, more) => {
  gatewayOf(RUN)
  const owner = told(more)
  expect([await clearDead(), runs()]).toEqual([[], [RUN]])
  expect(await leftAlone()).toEqual([{ run: RUN, life: 'unknown', owner }])
})

test('of two that say it is theirs one that lives is enough', async () => {
  gatewayOf(RUN)
  told(ended)
  told()
  expect([await clearDead(), runs()]).toEqual([[], [RUN]])
})

test('what this user leased is cleared when it is dead, though it told nothing, and is not named while it lives', async () => {
  gatewayOf('fd-dead')
  gatewayOf('fd-alive')
  const lease = await takeLease({ run: 'fd-dead', kind: 'drill', subnet: '10.99.0' })
  writeFileSync(leaseFile('fd-dead', 'json'), JSON.stringify({ ...lease, ...ended }))
  await takeLease({ run: 'fd-alive', kind: 'drill', subnet: '10.99.1' })
  expect((await clearDead()).map(({ run }) => run)).toEqual(['fd-dead'])
  expect([runs(), (await leases()).map(({ run }) => run), await leftAlone()]).toEqual([['fd-alive'], ['fd-alive'], []])
})

test('a fault log that cannot be read keeps no dead run from its removal, nor any other: of one that stays it is told', async () => {
  for (const [run, kind] of [
    ['fd-dead', 'drill'],
    ['fd-kept', 'up'],
  ] as const) {
    gatewayOf(run)
    const lease = await takeLease({ run, kind, subnet: '10.99.0' })
    writeFileSync(leaseFile(run, 'json'), JSON.stringify({ ...lease, ...ended }))
    writeFileSync(leaseFile(run, 'faults.jsonl'), 'no log\n')
  }
  const said = expect.stringContaining('nobody knows which faults are open')
  expect(await clearDead()).toEqual([
    { run: 'fd-dead', isKept: false, faults: [], failed: [said] },
    { run: 'fd-kept', isKept: true, faults: [], failed: [], remains: said },
  ])
  expect(runs()).toEqual(['fd-kept'])
})

test('what this user leased in another container is left alone, named, and removed with its lease where somebody insists', async () => {
  gatewayOf('fd-inside')
  const lease = await takeLease({ run: 'fd-inside', kind: 'drill', subnet: '10.99.0' })
  writeFileSync(
    leaseFile('fd-inside', 'json'),
    JSON.stringify({ ...lease, ...ended, pids: 'pid:[1]', host: 'elsewhere' }),
  )
  expect([await clearDead(), await leftAlone()]).toEqual([[], [{ run: 'fd-inside', life: 'unknown', owner: null }]])
  expect(await clearNamed(['fd-inside'])).toHaveLength(1)
  expect([runs(), await leases()]).toEqual([[], []])
})

test('what is told is whose the lease is, or this process where there is none', async () => {
  gatewayOf(RUN)
  const lease = await takeLease({ run: RUN, kind: 'drill', subnet: '10.99.0' })
  writeFileSync(leaseFile(RUN, 'json'), JSON.stringify({ ...lease, pid: 1 }))
  await tellOwner(RUN)
  await tellOwner('fd-none', { stays: true })
  const owners = volumes.map(({ Labels }) => JSON.parse(Labels['firedrill.owner'] ?? '{}') as Owner)
  expect(owners).toMatchObject([
    { ...thisProcess(), pid: 1, stays: false },
    { ...thisProcess(), stays: true },
  ])
})

test('whoever insists on a run by its name has it removed, and it alone, where nobody can tell', async () => {
  gatewayOf(RUN)
  told({ host: 'elsewhere', boot: 'another' })
  gatewayOf('fd-another')
  expect((await clearNamed([RUN])).map(({ run }) => run)).toEqual([RUN])
  expect(runs()).toEqual(['fd-another'])
})

test('nobody insists on what lives, on what stands by hand, or on what is not there', async () => {
  for (const run of [RUN, 'fd-own', 'fd-up', 'by-hand']) gatewayOf(run)
  told()
  await takeLease({ run: 'fd-own', kind: 'drill', subnet: '10.99.0' })
  await takeLease({ run: 'fd-up', kind: 'up', subnet: '10.99.1' })
  await expect(clearNamed([RUN])).rejects.toThrow(/fd-theirs lives: process \d+ of alice on .*end it/)
  await expect(clearNamed(['fd-own'])).rejects.toThrow(/fd-own lives: process \d+/)
  await expect(clearNamed(['fd-up'])).rejects.toThrow(/fd-up is up: `npm run down` removes it/)
  await expect(clearNamed(['by-hand'])).rejects.toMatchObject({ name: 'ScenarioError', code: 'ERR_RUN' })
  await expect(clearNamed(['fd-none'])).rejects.toThrow(/fd-none left nothing here.*fd-theirs/)
  expect(runs()).toHaveLength(4)
})

test('a lease of another machine that left nothing here is named too, and goes where somebody insists', async () => {
  const lease = await takeLease({ run: 'fd-moved', kind: 'drill', subnet: '10.99.0' })
  writeFileSync(leaseFile('fd-moved', 'json'), JSON.stringify({ ...lease, boot: 'another', host: 'elsewhere' }))
  expect([await clearDead(), await leftAlone()]).toEqual([[], [{ run: 'fd-moved', life: 'unknown', owner: null }]])
  expect(await clearNamed(['fd-moved'])).toHaveLength(1)
  expect(await leases()).toEqual([])
})

test('whose a run is goes last of all that is removed of it', async () => {
  gatewayOf(RUN)
  await tellOwner(RUN)
  volumes.push({ Name: `${RUN}_data`, Labels: { 'firedrill.run': RUN } })
  const left: string[][] = []
  const spliced = vi.spyOn(volumes, 'splice').mockImplementation((at: number, count?: number) => {
    left.push(volumes.map(({ Name }) => Name))
    return Array.prototype.splice.call(volumes, at, count ?? volumes.length) as SmallVolume[]
  })
  await remove(RUN)
  spliced.mockRestore()
  expect(left.at(-1)?.map((name) => name.includes('_owner_'))).toEqual([true])
})
