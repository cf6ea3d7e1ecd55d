// A warden heals what is overdue while the harness lives, clears what a dead one left, and goes when it is not needed any more.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endLease, leaseFile, leaseOf, takeLease } from '../topology/lease.ts'
import { residueOf } from '../topology/residue.ts'
import { openFaults } from './fault-log.ts'
import { startPeers } from './network/peers.fixture.ts'
import { startWarden, watchOver } from './warden.ts'

let peers: Awaited<ReturnType<typeof startPeers>>

beforeEach(async () => {
  peers = await startPeers('10.213.79')
})

afterEach(async () => {
  await peers?.end()
})

/** A pause of the target, intended so long ago. */
const paused = async ({ agoMs, longestMs = 1000 }: { agoMs: number; longestMs?: number }): Promise<void> => {
  const { id } = peers.target
  await peers.target.pause()
  const line = {
    stage: 'intent',
    entry: 'a',
    id: 'pause-1',
    kind: 'pause',
    targets: ['target'],
    undo: [{ act: 'unpause', container: id }],
    longestMs,
    at: Date.now() - agoMs,
  }
  appendFileSync(leaseFile(peers.run, 'faults.jsonl'), `${JSON.stringify(line)}\n`)
}

const isPaused = async (): Promise<boolean> => (await peers.target.inspect()).State.Paused

/** As a process that is no more would leave it. */
const die = async (): Promise<void> => {
  const lease = await leaseOf(peers.run)
  writeFileSync(leaseFile(peers.run, 'json'), JSON.stringify({ ...lease, startTicks: '1' }))
}

test('a fault past its longest life is undone while the harness lives, and one that is not stays', async () => {
  await paused({ agoMs: 12_500 })
  const watching = watchOver(peers.run)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(await isPaused()).toBe(true)
  await vi.waitFor(() => expect(openFaults(peers.run)).toEqual([]), { timeout: 10_000, interval: 50 })
  expect(await isPaused()).toBe(false)
  expect(await leaseOf(peers.run)).not.toBeNull()
  await endLease(peers.run)
  await watching
})

test('a harness that died is cleared', async () => {
  await paused({ agoMs: 0 })
  await die()
  await watchOver(peers.run)
  expect({ left: await residueOf(peers.run), lease: await leaseOf(peers.run) }).toEqual({ left: [], lease: null })
})

test('a warden stays until the run is cleared, also where somebody else began to', async () => {
  await die()
  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
  const stat = readFileSync(`/proc/${other.pid}/stat`, 'utf8')
  const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  writeFileSync(leaseFile(peers.run, 'clearing'), JSON.stringify({ pid: other.pid, startTicks }))
  const watching = watchOver(peers.run)
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect((await residueOf(peers.run)).length).toBeGreaterThan(0)
  const ended = once(other, 'exit')
  other.kill('SIGKILL')
  await Promise.all([ended, watching])
  expect({ left: await residueOf(peers.run), lease: await leaseOf(peers.run) }).toEqual({ left: [], lease: null })
})

test('a deployment that is kept has its faults undone, and stays', async () => {
  await paused({ agoMs: 0, longestMs: 300_000 })
  await takeLease({ run: peers.run, kind: 'up', subnet: '10.213.79' })
  await watchOver(peers.run)
  expect({ isPaused: await isPaused(), open: openFaults(peers.run) }).toEqual({ isPaused: false, open: [] })
  expect((await residueOf(peers.run))[0]?.containers.length).toBeGreaterThan(1)
})

test('its process leaves when the lease is ended, and not before', async () => {
  const pid = await startWarden(peers.run)
  if (pid === undefined) throw new Error('The warden did not start.')
  const isThere = (): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('warden-program.ts')
    } catch {
      return false
    }
  }
  await vi.waitFor(() => expect(isThere()).toBe(true))
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(isThere()).toBe(true)
  await endLease(peers.run)
  await vi.waitFor(() => expect(isThere()).toBe(false), { timeout: 5000, interval: 50 })
})
