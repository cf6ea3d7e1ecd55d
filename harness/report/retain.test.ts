import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { linkLatest, retain } from './retain.ts'

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>()
  return { ...fs, rm: vi.fn(fs.rm) }
})

let runs = ''
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'firedrill-retain-'))
})
afterEach(() => rm(runs, { recursive: true, force: true }))

const addRun = async (day: number, outcome: string, { exitCode = 0, own = '' } = {}): Promise<string> => {
  const name = `run-${String(day).padStart(2, '0')}`
  await mkdir(join(runs, own || name))
  await writeFile(join(runs, own || name, 'run.json'), JSON.stringify({ run: name }))
  await writeFile(
    join(runs, own || name, 'summary.json'),
    JSON.stringify({ outcome, exitCode, startedAt: new Date(Date.UTC(2026, 0, day)).toISOString() }),
  )
  return name
}

test('the last runs and every failed one stay, older others go', async () => {
  for (let day = 1; day <= 6; day++) await addRun(day, day === 2 ? 'fail' : day === 3 ? 'inconclusive' : 'pass')
  expect(await retain(runs, 2)).toEqual(['run-04', 'run-03', 'run-01'])
  expect((await readdir(runs)).sort()).toEqual(['latest', 'run-02', 'run-05', 'run-06'])
})

test('a run that was killed before its summary stays where a verdict in it says that it failed', async () => {
  for (let day = 1; day <= 3; day++) await addRun(day, 'pass')
  for (const [name, outcome] of [
    ['run-01', 'fail'],
    ['run-02', 'pass'],
  ] as const) {
    await rm(join(runs, name, 'summary.json'))
    await mkdir(join(runs, name, 'frozen-node'))
    await writeFile(join(runs, name, 'frozen-node', 'verdict.json'), JSON.stringify({ outcome }))
  }
  expect(await retain(runs, 0)).toEqual(expect.arrayContaining(['run-02', 'run-03']))
  expect((await readdir(runs)).sort()).toEqual(['run-01'])
})

test('failed runs among the last count as the last', async () => {
  for (let day = 1; day <= 4; day++) await addRun(day, day >= 3 ? 'fail' : 'pass')
  expect(await retain(runs, 2)).toEqual(['run-02', 'run-01'])
})

test('thirty are kept by default', async () => {
  for (let day = 1; day <= 31; day++) await addRun(day, 'pass')
  expect(await retain(runs)).toEqual(['run-01'])
})

test('only folders are runs: files and links beside them stay', async () => {
  await addRun(1, 'pass')
  await writeFile(join(runs, 'notes.txt'), 'mine')
  await linkLatest(runs, 'run-01')
  expect(await retain(runs, 1)).toEqual([])
  expect((await readdir(runs)).sort()).toEqual(['latest', 'notes.txt', 'run-01'])
})

test('a link to a run that is gone is pointed at the newest', async () => {
  await addRun(1, 'pass')
  await addRun(2, 'pass')
  await linkLatest(runs, 'run-00')
  await retain(runs)
  expect(await readlink(join(runs, 'latest'))).toBe('run-02')
})

test('the link to the latest run is relative and moves in place', async () => {
  await linkLatest(runs, await addRun(1, 'pass'))
  await linkLatest(runs, await addRun(2, 'pass'))
  expect(await readlink(join(runs, 'latest'))).toBe('run-02')
  expect((await readdir(runs)).sort()).toEqual(['latest', 'run-01', 'run-02'])
})

test('a folder that is not there yet holds no runs', async () => {
  expect(await retain(join(runs, 'none'))).toEqual([])
})

test('what somebody keeps beside the runs stays, a copy of a run under another name as well', async () => {
  await addRun(1, 'pass', { own: 'signed-2026Q4' })
  await addRun(2, 'pass')
  await mkdir(join(runs, 'for-the-audit'))
  await addRun(3, 'pass')
  expect(await retain(runs, 1)).toEqual(['run-02'])
  expect((await readdir(runs)).sort()).toEqual(['for-the-audit', 'latest', 'run-03', 'signed-2026Q4'])
})

test('runs that came to nothing take the place of none that did not', async () => {
  for (let day = 1; day <= 6; day++) await addRun(day, 'inconclusive', { exitCode: day <= 2 ? 2 : 3 })
  expect(await retain(runs, 2)).toEqual(['run-04', 'run-03'])
})

test('a folder in the place of the link is left alone, and said with what to do', async () => {
  await addRun(1, 'pass')
  await mkdir(join(runs, 'latest'))
  expect(await retain(runs)).toEqual([])
  await expect(linkLatest(runs, 'run-01')).rejects.toMatchObject({
    code: 'ERR_LATEST',
    message: expect.stringMatching(/latest could not be pointed at run-01: .*: move away what lies there/),
  })
  expect((await readdir(runs)).sort()).toEqual(['latest', 'run-01'])
})

test('what would not go is named, and all else goes', async () => {
  for (let day = 1; day <= 4; day++) await addRun(day, 'pass')
  vi.mocked(rm).mockRejectedValueOnce(new Error('EACCES: permission denied'))
  await expect(retain(runs, 1)).rejects.toThrow('Old runs could not be removed: run-03 (EACCES: permission denied).')
  expect((await readdir(runs)).sort()).toEqual(['latest', 'run-03', 'run-04'])
})
