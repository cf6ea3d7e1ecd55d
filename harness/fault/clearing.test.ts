// What a dead run left is put right and removed, the living stay, and what comes late is removed too.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { docker } from '../topology/docker.ts'
import { endLease, leaseFile, leaseOf, takeLease } from '../topology/lease.ts'
import { remove, residueOf } from '../topology/residue.ts'
import { clearRun, undoRun } from './clearing.ts'
import { faultLog, openFaults } from './fault-log.ts'

const IMAGE = process.env.FIREDRILL_UPSTREAM_IMAGE ?? 'firedrill/upstream:local'

let run = ''

beforeEach(() => {
  run = `clearing-test-${randomBytes(3).toString('hex')}`
})

afterEach(async () => {
  await remove(run)
  await endLease(run)
})

/** The lease of a process that is no more. */
const dead = async (): Promise<void> => {
  const lease = await takeLease({ run, kind: 'drill', subnet: '10.213.80' })
  writeFileSync(leaseFile(run, 'json'), JSON.stringify({ ...lease, startTicks: '1' }))
}

const made = () =>
  docker().createContainer({ Image: IMAGE, Labels: { 'firedrill.run': run }, HostConfig: { NetworkMode: 'none' } })

test('a dead run is removed with its lease, and its faults are named', async () => {
  const { id } = await made()
  await dead()
  await faultLog(run).intend({
    id: 'kill-1',
    kind: 'kill',
    targets: ['data-plane-1'],
    undo: [{ act: 'start', container: id }],
    longestMs: 1000,
  })
  expect(await clearRun(run)).toEqual({ run, isKept: false, faults: ['kill of data-plane-1'], failed: [] })
  expect({ left: await residueOf(run), lease: await leaseOf(run) }).toEqual({ left: [], lease: null })
})

test('a run that lives is not cleared, whatever whoever asks had seen of it', async () => {
  await takeLease({ run, kind: 'drill', subnet: '10.213.80' })
  await made()
  expect(await clearRun(run)).toBeNull()
  expect(await residueOf(run)).toHaveLength(1)
})

test('what a dead process had asked of the engine is removed, though it comes to be after it was removed', async () => {
  await dead()
  await made()
  const cleared = clearRun(run)
  await vi.waitFor(async () => expect(await residueOf(run)).toEqual([]), { interval: 20, timeout: 10_000 })
  await wait(300)
  await made()
  expect(await cleared).not.toBeNull()
  expect(await residueOf(run)).toEqual([])
})

test('processes of a dead run end, and nobody else does', async () => {
  await dead()
  const sleeper = (name: string) =>
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { env: { ...process.env, FIREDRILL_RUN: name } })
  const [its, another] = [sleeper(run), sleeper(`${run}0`)]
  try {
    const ended = once(its, 'exit')
    await clearRun(run)
    expect((await ended)[1]).toBe('SIGKILL')
    expect(another.exitCode ?? another.signalCode).toBeNull()
  } finally {
    another.kill()
  }
})

test('what was told to end and runs as before may end yet: its fault stays open, and that of one that was killed does not', async () => {
  const { id } = await made()
  await docker().getContainer(id).start()
  await takeLease({ run, kind: 'up', subnet: '10.213.80' })
  const intend = (kind: 'kill' | 'stop' | 'upgrade') =>
    faultLog(run).intend({
      id: `${kind}-1`,
      kind,
      targets: ['data-plane-1'],
      undo: [{ act: 'start', container: id }],
      longestMs: 1000,
    })
  await intend('kill')
  await intend('stop')
  await intend('upgrade')
  const undone = await undoRun(run)
  expect(undone?.failed).toEqual(Array(2).fill('start: it runs since before the fault, and may end yet'))
  expect(openFaults(run).map(({ kind }) => kind)).toEqual(['stop', 'upgrade'])
  // It ended, as it was told, and is started.
  await docker().getContainer(id).stop({ t: 0 })
  expect((await undoRun(run))?.failed).toEqual([])
  const { Running } = (await docker().getContainer(id).inspect()).State
  expect([Running, openFaults(run)]).toEqual([true, []])
})

test('a deployment that stays has its faults undone, though one comes late, and its helpers removed', async () => {
  const running = await docker().createContainer({
    Image: IMAGE,
    Labels: { 'firedrill.run': run },
    HostConfig: { NetworkMode: 'none' },
  })
  const labels = { 'firedrill.run': run, 'firedrill.part': 'helper' }
  const helper = await docker().createContainer({ Image: IMAGE, Labels: labels, HostConfig: { NetworkMode: 'none' } })
  await running.start()
  await takeLease({ run, kind: 'up', subnet: '10.213.80' })
  await faultLog(run).intend({
    id: 'pause-1',
    kind: 'pause',
    targets: ['data-plane-1'],
    undo: [{ act: 'unpause', container: running.id }],
    longestMs: 1000,
  })
  const undoing = undoRun(run)
  await wait(500)
  await running.pause()
  expect(await undoing).toEqual({ run, isKept: true, faults: ['pause of data-plane-1'], failed: [] })
  const { Running, Paused } = (await running.inspect()).State
  expect({ Running, Paused, open: openFaults(run) }).toEqual({ Running: true, Paused: false, open: [] })
  await expect(helper.inspect()).rejects.toMatchObject({ statusCode: 404 })
})
