import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exchange, putBack } from './kept-files.ts'

let folder: string
let paths: readonly [string, string]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill kept-'))
  paths = [join(folder, 'one'), join(folder, 'other')]
  for (const path of paths) await writeFile(path, `${path}, as it was`)
})
afterEach(() => rm(folder, { recursive: true }))

const run = async ([program = '', ...words]: readonly string[]): Promise<void> =>
  void (await promisify(execFile)(program, words))
const contents = () => Promise.all(paths.map((path) => readFile(path, 'utf8')))
const given = (text: string) => Object.fromEntries(paths.map((path) => [path, text]))

test('what was there is put back, also by a second one, and nothing stands beside it any more', async () => {
  const before = await contents()
  await run(exchange(given('-n %s "$1"')))
  expect(await contents()).toEqual(['-n %s "$1"', '-n %s "$1"'])
  await run(putBack(paths))
  await run(putBack(paths))
  expect(await contents()).toEqual(before)
  expect(await readdir(folder)).toEqual(['one', 'other'])
})

test('what is exchanged twice is put back as it was first', async () => {
  const before = await contents()
  await run(exchange(given('once')))
  await run(exchange(given('twice')))
  await run(putBack(paths))
  expect(await contents()).toEqual(before)
})

test('one that would not go back is told, and keeps none of the others from it', async () => {
  const before = await contents()
  await run(exchange(given('new')))
  await rm(`${paths[0]}.firedrill-kept`)
  await mkdir(`${paths[0]}.firedrill-kept`)
  await expect(run(putBack(paths))).rejects.toThrow()
  expect(await contents()).toEqual(['new', before[1]])
})

test('a file that is not there is not made', async () => {
  await expect(run(exchange({ [join(folder, 'third')]: 'new' }))).rejects.toThrow()
  await run(putBack([join(folder, 'third')]))
  expect(await readdir(folder)).toEqual(['one', 'other'])
})
