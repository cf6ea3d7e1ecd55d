// What is told of a run whose files cannot be written any more.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { judgeAndReport } from './judge-and-report.ts'

const EXAMPLE = join(import.meta.dirname, '../../reports/example')
const OWN = 'data-plane-failover'

let folder = ''
const log = vi.spyOn(console, 'log').mockImplementation(() => {})
const said = (): string => log.mock.calls.map(([line]) => `${line}\n`).join('')

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-judge-'))
  await cp(join(EXAMPLE, OWN), join(folder, OWN), { recursive: true })
  const run = JSON.parse(await readFile(join(EXAMPLE, 'run.json'), 'utf8'))
  await writeFile(join(folder, 'run.json'), JSON.stringify({ ...run, scenarios: [{ name: OWN, title: 'a claim' }] }))
  log.mockClear()
})

afterEach(() => rm(folder, { recursive: true }))

test('a pass whose report can be written is exit code 0', async () => {
  expect(await judgeAndReport(folder, [])).toBe(0)
  expect(said()).toMatch(/pass: 1 of 1 scenario passed/)
  expect(said()).not.toContain('be written')
})

test('a pass whose report cannot be written is told, with what is missing, and is not exit code 0', async () => {
  for (const name of ['index.html', 'summary.json']) await mkdir(join(folder, name))
  expect(await judgeAndReport(folder, [])).toBe(3)
  expect(said()).toMatch(/pass: 1 of 1 scenario passed/)
  expect(said()).toMatch(/^Report: not written$/m)
  expect(said()).toMatch(/^Exit code 3, /m)
  expect(said()).toMatch(/summary.json \(E[A-Z]+: [^)]*\), index.html \(E[A-Z]+: [^)]*\) could not be written/)
  // What could be written was.
  expect(await readFile(join(folder, 'summary.md'), 'utf8')).toMatch(/^# pass/)
})

test('a failure stays one, whatever can be written', async () => {
  const history = join(folder, OWN, 'history.jsonl')
  await writeFile(history, (await readFile(history, 'utf8')).replace('"p99":"1s"', '"p99":"0ms"'))
  await mkdir(join(folder, 'index.html'))
  expect(await judgeAndReport(folder, [])).toBe(1)
  expect(said()).toContain('index.html')
})
