// Clearing goes on past a run that would not go, waits for whoever else is at it, and leaves another engine's leases alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EnvironmentError } from '../time/errors.ts'
import { type Lease, leaseFile, leases, takeLease, whileClearing } from '../topology/lease.ts'
import { clearDead, clearNamed, leftAlone } from './clearing.ts'
import { faultLog, noteClear, openFaults } from './fault-log.ts'

// Nothing here comes to be late: clearing.test.ts has what does.
vi.mock('./quiet.ts', () => ({ QUIET_MS: 150 }))

/** What is on the engine, by its run, and the runs of which a network stays. */
const engine = vi.hoisted(() => ({ left: new Set<string>(), stuck: new Set<string>(), mayRestart: false }))

vi.mock('../topology/engine-restart.ts', () => ({
  restartStuckEngine: async () => {
    if (!engine.mayRestart) return 'others run on it'
    engine.stuck.clear()
    return null
  },
}))

vi.mock('../topology/docker.ts', () => ({
  docker: () => ({ info: async () => ({ ID: 'here' }), listVolumes: async () => ({ Volumes: [] }) }),
}))
vi.mock('../topology/residue.ts', () => ({
  BY_HAND: 'by-hand',
  residueOf: async (run?: string) =>
    [...engine.left]
      .filter((each) => run === undefined || each === run)
      .map((each) => ({ run: each, containers: [], networks: ['n1'], volumes: [] })),
  remove: async (run: string) => {
    if (engine.stuck.has(run)) throw new EnvironmentError('The network is in use.', { code: 'ERR_ENGINE_STUCK' })
    engine.left.delete(run)
  },
  removeHelpers: async () => {},
}))

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-clear-dead-'))
  vi.stubEnv('FIREDRILL_LEASES', folder)
  engine.left.clear()
  engine.stuck.clear()
  engine.mayRestart = false
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const THERE = { engine: 'there', endpoint: 'tcp://far:2375' }

/** The lease of a run whose process is no more. */
const dead = async (run: string, more: Partial<Lease> = {}): Promise<void> => {
  const lease = await takeLease({ run, kind: 'drill', subnet: '10.99.0' })
  writeFileSync(leaseFile(run, 'json'), JSON.stringify({ ...lease, startTicks: '1', ...more }))
}

const broken = (run: string): Promise<void> =>
  faultLog(run).intend({ id: 'kill-1', kind: 'kill', targets: ['data-plane-1'], undo: [], longestMs: 1000 })

const held = async (): Promise<readonly string[]> => (await leases()).map(({ run }) => run).sort()

test('a run that would not go says why and keeps its lease, and the others are cleared', async () => {
  for (const run of ['fd-stuck', 'fd-well']) {
    await dead(run)
    engine.left.add(run)
  }
  engine.stuck.add('fd-stuck')
  const remains = 'The network is in use. [ERR_ENGINE_STUCK]'
  const cleared = [...(await clearDead())].sort((a, b) => a.run.localeCompare(b.run))
  expect(cleared).toEqual([
    { run: 'fd-stuck', isKept: false, faults: [], failed: [], remains, isStuck: true },
    { run: 'fd-well', isKept: false, faults: [], failed: [] },
  ])
  expect([await held(), [...engine.left]]).toEqual([['fd-stuck'], ['fd-stuck']])
  expect(await clearNamed(['fd-stuck'])).toEqual([
    { run: 'fd-stuck', isKept: false, faults: [], failed: [], remains, isStuck: true },
  ])
})

test('a run that a stuck engine held up is cleared after its restart, and nobody is told twice', async () => {
  engine.mayRestart = true
  for (const run of ['fd-stuck', 'fd-well']) {
    await dead(run)
    engine.left.add(run)
  }
  engine.stuck.add('fd-stuck')
  expect((await clearDead()).map(({ run, remains, afterRestart }) => [run, remains, afterRestart])).toEqual([
    ['fd-well', undefined, undefined],
    ['fd-stuck', undefined, true],
  ])
  expect([await held(), [...engine.left]]).toEqual([[], []])
  await dead('fd-named')
  engine.left.add('fd-named')
  engine.stuck.add('fd-named')
  expect(await clearNamed(['fd-named'])).toEqual([
    { run: 'fd-named', isKept: false, faults: [], failed: [], afterRestart: true },
  ])
  expect([await held(), [...engine.left]]).toEqual([[], []])
})

test('a run that died on another engine keeps its lease and what is known of its faults, and is named', async () => {
  await dead('fd-there', THERE)
  await broken('fd-there')
  expect(await clearDead()).toEqual([])
  expect(await leftAlone()).toEqual([{ run: 'fd-there', life: 'elsewhere', owner: null, engine: 'there' }])
  expect([await held(), openFaults('fd-there').length]).toEqual([['fd-there'], 1])
})

test('what is up on another engine keeps its open faults, which nobody can undo from here', async () => {
  await dead('fd-up', { ...THERE, kind: 'up' })
  await broken('fd-up')
  expect([await clearDead(), openFaults('fd-up').length]).toEqual([[], 1])
  expect(await leftAlone()).toEqual([{ run: 'fd-up', life: 'elsewhere', owner: null, engine: 'there' }])
})

test('a drill that lives on another engine is neither named nor forgotten', async () => {
  const lease = await takeLease({ run: 'fd-lives', kind: 'drill', subnet: '10.99.0' })
  writeFileSync(leaseFile('fd-lives', 'json'), JSON.stringify({ ...lease, ...THERE }))
  expect([await clearDead(), await leftAlone()]).toEqual([[], []])
  await expect(clearNamed(['fd-lives'])).rejects.toMatchObject({ code: 'ERR_RUN' })
  expect(await held()).toEqual(['fd-lives'])
})

test('whoever insists on a run of another engine, which may be no more, has it forgotten', async () => {
  await dead('fd-up', { ...THERE, kind: 'up' })
  expect(await clearNamed(['fd-up'])).toEqual([
    { run: 'fd-up', isKept: true, faults: [], failed: [], elsewhere: 'there' },
  ])
  expect([await held(), await leftAlone()]).toEqual([[], []])
})

/** Somebody who is at clearing a run, as its warden is, until `end`. */
const atIt = async (run: string): Promise<{ end(): Promise<void> }> => {
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const clearing = whileClearing(run, () => {
    begun.resolve()
    return ended.promise
  })
  await begun.promise
  return {
    end: async () => {
      ended.resolve()
      await clearing
    },
  }
}

/** Whether it is done before whoever is at it is through. */
const isDoneMeanwhile = (clearing: Promise<unknown>): Promise<boolean> =>
  Promise.race([clearing.then(() => true), wait(400).then(() => false)])

test('whoever else is clearing a run is waited for, and there is nothing to say where they did it', async () => {
  await dead('fd-1')
  engine.left.add('fd-1')
  const warden = await atIt('fd-1')
  const clearing = clearDead()
  expect(await isDoneMeanwhile(clearing)).toBe(false)
  engine.left.clear()
  rmSync(leaseFile('fd-1', 'json'))
  await warden.end()
  expect(await clearing).toEqual([])
})

test.each([
  ['of those that died', clearDead],
  ['of one that is named', () => clearNamed(['fd-1'])],
])('what whoever was at it left is cleared after them: %s', async (_, clear) => {
  await dead('fd-1')
  engine.left.add('fd-1')
  const warden = await atIt('fd-1')
  const clearing = clear()
  expect(await isDoneMeanwhile(clearing)).toBe(false)
  await warden.end()
  expect(await clearing).toEqual([{ run: 'fd-1', isKept: false, faults: [], failed: [] }])
  expect([await held(), engine.left.size]).toEqual([[], 0])
})

test('whoever is healing what stays is waited for too', async () => {
  await dead('fd-up', { kind: 'up' })
  await broken('fd-up')
  const warden = await atIt('fd-up')
  const clearing = clearDead()
  expect(await isDoneMeanwhile(clearing)).toBe(false)
  for (const fault of openFaults('fd-up')) noteClear('fd-up', fault)
  await warden.end()
  expect(await clearing).toEqual([])
})
