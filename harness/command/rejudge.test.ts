// What is not exactly one saved run is refused in a sentence.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { rejudge } from './rejudge.ts'

const EXAMPLE = join(import.meta.dirname, '../../reports/example')
const OWN = 'data-plane-failover'
vi.spyOn(console, 'log').mockImplementation(() => {})

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-rejudge-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const refused = (code: string, because: string) => ({
  name: 'ScenarioError',
  code,
  message: expect.stringContaining(because),
})

test.each([
  [[], 'was given 0'],
  [['reports/example', 'reports/another'], 'was given 2'],
])('one run is judged, and no other number of them: %j', async (argv, because) => {
  await expect(rejudge(argv)).rejects.toMatchObject(refused('ERR_NO_FOLDER', because))
})

test('a flag is refused', async () => {
  await expect(rejudge(['--quiet', folder])).rejects.toMatchObject(refused('ERR_FLAG', 'Expected the folder of a run'))
})

test('a folder without a run, and a file, are refused', async () => {
  await expect(rejudge([folder])).rejects.toMatchObject(refused('ERR_NO_RUN', 'run.json is not there'))
  const file = join(folder, 'run.json')
  writeFileSync(file, '{}')
  await expect(rejudge([file])).rejects.toMatchObject(refused('ERR_NO_RUN', 'cannot be read (ENOTDIR)'))
  rmSync(file)
  mkdirSync(file)
  await expect(rejudge([folder])).rejects.toMatchObject(refused('ERR_NO_RUN', 'cannot be read (EISDIR)'))
})

const whole = readFileSync(join(EXAMPLE, 'run.json'), 'utf8')

test.each([
  ['torn', whole.slice(0, 400)],
  ['empty', ''],
  ['of something else', '{}'],
  ['null', 'null'],
  ['without its scenarios', JSON.stringify({ ...JSON.parse(whole), scenarios: undefined })],
])('a run.json that is %s is refused', async (_, text) => {
  writeFileSync(join(folder, 'run.json'), text)
  await expect(rejudge([folder])).rejects.toMatchObject(refused('ERR_NO_RUN', 'run.json is torn, or of something else'))
})

test('a whole run is judged, and the exit code is its verdict', async () => {
  cpSync(join(EXAMPLE, OWN), join(folder, OWN), { recursive: true })
  const run = { ...JSON.parse(whole), scenarios: [{ name: OWN, title: 'a claim' }] }
  writeFileSync(join(folder, 'run.json'), JSON.stringify(run))
  expect(await rejudge([folder])).toBe(0)
})
