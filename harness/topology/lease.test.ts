import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endLease, isAlive, leaseFile, leases, takeLease, whileClearing } from './lease.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-lease-test-'))
  process.env.FIREDRILL_LEASES = folder
})

afterEach(async () => {
  delete process.env.FIREDRILL_LEASES
  await rm(folder, { recursive: true })
})

test('a lease lives while its process does', async () => {
  expect(isAlive(await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' }))).toBe(true)
})

test('a lease whose pid now belongs to another process is dead', async () => {
  const lease = await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' })
  expect(isAlive({ ...lease, startTicks: '1' })).toBe(false)
})

test.runIf(process.platform === 'linux')('a lease is dead whose process ended and was never waited for', async () => {
  // The shell becomes another program, which waits for nobody.
  const parent = spawn('sh', ['-c', 'sleep 100 & echo $!; exec sleep 100'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = await once(parent.stdout, 'data')
    const pid = Number(String(line).trim())
    const fieldsOf = (): readonly string[] =>
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
    const lease = await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' })
    const its = { ...lease, pid, startTicks: fieldsOf()[19] ?? '' }
    expect(isAlive(its)).toBe(true)
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(fieldsOf()[0]).toBe('Z'), { interval: 10 })
    expect(isAlive(its)).toBe(false)
  } finally {
    parent.kill('SIGKILL')
  }
})

test('an up deployment lives on without its process', async () => {
  const lease = await takeLease({ run: 'fd-1', kind: 'up', subnet: '10.99.0' })
  expect(isAlive({ ...lease, startTicks: '1' })).toBe(true)
})

test('a lease is listed until it is ended, and a torn file claims nothing', async () => {
  await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' })
  await writeFile(join(folder, 'fd-2.json'), '{"run":"fd-')
  expect((await leases()).map((lease) => lease.run)).toEqual(['fd-1'])
  await endLease('fd-1')
  expect(await leases()).toEqual([])
})

/** What somebody who died at clearing left. */
const deadClearer = (): Promise<void> =>
  writeFile(leaseFile('fd-1', 'clearing'), JSON.stringify({ pid: process.pid, startTicks: '1' }))

test('of many who would clear a run one does, and nothing of the others is left', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const all = Array.from({ length: 20 }, () => whileClearing('fd-1', () => promise.then(() => 'cleared')))
  let left = 0
  for (const each of all) void each.then((said) => (left += said === null ? 1 : 0))
  await vi.waitFor(() => expect(left).toBe(19))
  resolve()
  expect((await Promise.all(all)).filter((said) => said !== null)).toEqual(['cleared'])
  expect(await readdir(folder)).toEqual([])
})

test('a run can be cleared again, also after it would not go', async () => {
  await expect(whileClearing('fd-1', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await whileClearing('fd-1', async () => 'cleared')).toBe('cleared')
})

test('who died at clearing is taken over from, by one of many', async () => {
  await deadClearer()
  let atIt = 0
  let most = 0
  const work = async (): Promise<void> => {
    atIt += 1
    most = Math.max(most, atIt)
    await new Promise((resolve) => setTimeout(resolve, 50))
    atIt -= 1
  }
  await Promise.all(Array.from({ length: 20 }, () => whileClearing('fd-1', work)))
  expect(most).toBe(1)
  expect(await readdir(folder)).toEqual([])
})

test('whoever takes the lease of a run that is being cleared waits for the end of it, and for no dead clearer', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const clearing = whileClearing('fd-1', () => promise)
  await vi.waitFor(async () => expect(await readdir(folder)).toContain('fd-1.clearing'))
  let isTaken = false
  const taken = takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' }).then(() => {
    isTaken = true
  })
  await new Promise((done) => setTimeout(done, 250))
  expect(isTaken).toBe(false)
  resolve()
  await Promise.all([clearing, taken])
  await deadClearer()
  await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' })
})
