import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { linkLatest, retain } from './retain.ts'

let runs = ''
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'firedrill-retain-'))
})
afterEach(() => rm(runs, { recursive: true, force: true }))

const addRun = async (day: number, outcome: string): Promise<string> => {
  const name = `run-${String(day).padStart(2, '0')}`
  await mkdir(join(runs, name))
  await writeFile(
    join(runs, name, 'summary.json'),
    JSON.stringify({ outcome, startedAt: new Date(Date.UTC(2026, 0, day)).toISOString() }),
  )
  return name
}

test('the last runs and every failed one stay, older others go', async () => {
  for (let day = 1; day <= 6; day++) await addRun(day, day === 2 ? 'fail' : day === 3 ? 'inconclusive' : 'pass')
  expect(await retain(runs, 2)).toEqual(['run-04', 'run-03', 'run-01'])
  expect((await readdir(runs)).sort()).toEqual(['latest', 'run-02', 'run-05', 'run-06'])
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
