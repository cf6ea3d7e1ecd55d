import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { endLease, isAlive, leaseFile, leases, takeLease, untilCleared, whileClearing } from './lease.ts'

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

test('leases lie in one place for a user, whatever TMPDIR says', () => {
  delete process.env.FIREDRILL_LEASES
  const folders = ['/tmp', folder].map((each) => {
    vi.stubEnv('TMPDIR', each)
    return dirname(leaseFile('fd-1', 'json'))
  })
  vi.unstubAllEnvs()
  expect(folders[0]).toBe(folders[1])
})

/** Where a program of that user would write, or what it says instead; a user with that number need not be listed. */
const writesAs = (uid: number): { readonly folder: string; readonly said: string } => {
  const lease = pathToFileURL(join(import.meta.dirname, 'lease.ts')).href
  const program = `import { leaseFile } from '${lease}'
    process.setgid(${uid}); process.setuid(${uid}); console.log(leaseFile('fd-1', 'json'))`
  const { FIREDRILL_LEASES, ...env } = process.env
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env,
    encoding: 'utf8',
  })
  return { folder: stdout === '' ? '' : dirname(stdout.trim()), said: stderr }
}

test.runIf(process.getuid?.() === 0)(
  'a user with a number and no name has a place, and takes nobody else’s',
  async () => {
    const first = writesAs(4_012_345)
    expect(first).toEqual({ folder: expect.stringContaining('firedrill-leases-4012345'), said: '' })
    try {
      await chown(first.folder, 4_012_346, 4_012_346)
      expect(writesAs(4_012_345).said).toMatch(/belongs to user 4012346, and not to this one.*ERR_LEASE_FOLDER/)
    } finally {
      await rm(first.folder, { recursive: true })
    }
  },
)

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

test('where leases cannot be read nobody says that there are none', async () => {
  process.env.FIREDRILL_LEASES = join(folder, 'nowhere')
  expect(await leases()).toEqual([])
  await writeFile(join(folder, 'a-file'), '')
  process.env.FIREDRILL_LEASES = join(folder, 'a-file')
  await expect(leases()).rejects.toThrow('ENOTDIR')
  process.env.FIREDRILL_LEASES = folder
  await mkdir(join(folder, 'fd-1.json'))
  await expect(leases()).rejects.toThrow('EISDIR')
})

test.each([
  ['nothing', ''],
  ['half a claim', '{"pid":'],
])('a claim of which a full disk, or a power cut, left %s is that of somebody who died at it', async (_, left) => {
  await writeFile(leaseFile('fd-1', 'clearing'), left)
  await untilCleared('fd-1', 0)
  expect(await whileClearing('fd-1', async () => 'cleared')).toBe('cleared')
  expect(await readdir(folder)).toEqual([])
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

test('a trace that a killed browser left goes with the lease of its run', async () => {
  await takeLease({ run: 'fd-1', kind: 'drill', subnet: '10.99.0' })
  await mkdir(join(leaseFile('fd-1', 'trace'), 'resources'), { recursive: true })
  await endLease('fd-1')
  expect(await readdir(folder)).toEqual([])
})
