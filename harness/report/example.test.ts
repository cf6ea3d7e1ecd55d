// The committed run is a golden file: judged again from its files, it must come to the verdict it came to then.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HistogramLogReader } from 'hdr-histogram-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../verdict/verdict.ts'
import { summaryJson } from './json.ts'
import { judgeRun, writeLeftBehind } from './judged.ts'
import { sayRun } from './say.ts'
import type { Summary } from './summary.ts'
import { writeJudged } from './write-judged.ts'

const EXAMPLE = join(import.meta.dirname, '..', '..', 'reports', 'example')

let copy = ''

beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'firedrill-example-'))
  // Without what is to be written: or it would be compared with itself.
  const isWritten = (path: string): boolean => /verdict\.json$|latency\.hlog$|summary\.json$/.test(path)
  await cp(EXAMPLE, copy, { recursive: true, filter: (path) => !isWritten(path) })
})

afterEach(() => rm(copy, { recursive: true }))

const read = async <T>(...path: readonly string[]): Promise<T> => JSON.parse(await readFile(join(...path), 'utf8')) as T

test('the committed run is judged as it was when it was played', async () => {
  const run = await judgeRun(copy)
  expect(await writeJudged(copy, run)).toEqual([])
  const { summary } = run
  const { provenance, ...told } = await read<Summary>(EXAMPLE, 'summary.json')
  // Whoever brought the golden file up to date by `rejudge` is named in it.
  const { judgedBy, ...made } = provenance
  expect(JSON.parse(summaryJson(summary))).toEqual({ ...told, provenance: made })
  for (const { folder } of summary.scenarios) {
    // A newer analysis may say more; whatever was said then is said again.
    expect(await read<Verdict>(copy, folder, 'verdict.json')).toMatchObject(
      await read<Verdict>(EXAMPLE, folder, 'verdict.json'),
    )
  }
})

test('a run that is judged leaves a log of its latencies beside each verdict, which the library’s reader reads', async () => {
  const run = await judgeRun(copy)
  await writeJudged(copy, run)
  for (const { folder, verdict } of run.scenarios) {
    const text = await readFile(join(copy, folder, 'latency.hlog'), 'utf8')
    const reader = new HistogramLogReader(text)
    const counts = new Map<string, number>()
    for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram())
      counts.set(next.tag, next.totalCount)
    const told = verdict.latency.map(({ lane, phase, count }) => [`lane=${lane}/phase=${phase}`, count] as const)
    expect(Object.fromEntries(counts)).toMatchObject(Object.fromEntries(told))
    expect([...counts.keys()].some((tag) => tag.includes('/node='))).toBe(true)
  }
})

test('a lost call in the committed run would have failed it', async () => {
  const file = join(copy, 'data-plane-failover', 'calls', 'kept-alive.calls')
  const bytes = await readFile(file)
  const rows = bytes.indexOf(0x0a) + 1
  // Every row of 17 bytes: index, lateness, latency, then the error class at 12; 1 is a server error.
  for (let at = rows; at + 17 <= bytes.length; at += 17) {
    const index = bytes.readUInt32LE(at)
    if (index >= 850 && index < 950) bytes[at + 12] = 1
  }
  await writeFile(file, bytes)
  const { summary } = await judgeRun(copy)
  expect(summary.scenarios.map(({ name, outcome }) => [name, outcome])).toContainEqual(['data-plane-failover', 'fail'])
})

test('a run that left something behind does not pass, though each of its verdicts stands', async () => {
  await writeLeftBehind(copy, 'the network fd-1 would not go')
  const { summary } = await judgeRun(copy)
  expect(summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2, leftBehind: 'the network fd-1 would not go' })
  expect(summary.scenarios.map((each) => each.outcome)).toEqual(['pass', 'pass', 'pass', 'pass'])
  expect(sayRun(summary)).toMatch(/Not everything was taken down: the network fd-1 would not go. Run `npm run clean`./)
})
