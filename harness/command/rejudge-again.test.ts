// What was judged before is never lost to a new judging that says otherwise, and stays as it is where that says the same.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Summary } from '../report/summary.ts'
import { rejudge } from './rejudge.ts'

const EXAMPLE = join(import.meta.dirname, '../../reports/example')
const OWN = 'data-plane-failover'
const log = vi.spyOn(console, 'log').mockImplementation(() => {})

let folder = ''
/** Its record as it was made. */
let history = ''

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-earlier-'))
  cpSync(join(EXAMPLE, OWN), join(folder, OWN), { recursive: true })
  const run = JSON.parse(readFileSync(join(EXAMPLE, 'run.json'), 'utf8'))
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, scenarios: [{ name: OWN, title: 'a claim' }] }))
  history = read(OWN, 'history.jsonl')
  expect(await rejudge([folder])).toBe(0)
  log.mockClear()
})

afterEach(() => rmSync(folder, { recursive: true }))

const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), 'utf8')
const provenance = (): Summary['provenance'] => (JSON.parse(read('summary.json')) as Summary).provenance
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
/** Judges it with a demand that it misses. */
const judgedToFail = async (): Promise<void> => {
  writeFileSync(join(folder, OWN, 'history.jsonl'), history.replace('"p99":"1s"', '"p99":"0ms"'))
  expect(await rejudge([folder])).toBe(1)
}

test('a run that was never judged has nobody named who judged it again', () => {
  expect(provenance()).not.toHaveProperty('judgedBy')
  expect(existsSync(join(folder, 'earlier'))).toBe(false)
})

test('one that is judged to the same stays as it is, to the byte', async () => {
  const before = [read('summary.json'), read(OWN, 'verdict.json'), read('index.html')]
  expect(await rejudge([folder])).toBe(0)
  expect([read('summary.json'), read(OWN, 'verdict.json'), read('index.html')]).toEqual(before)
  expect(existsSync(join(folder, 'earlier'))).toBe(false)
})

describe('one that is judged otherwise', () => {
  test('keeps every file of what was signed, by its digest, and says where', async () => {
    const files = [
      'summary.json',
      'summary.md',
      'junit.xml',
      'index.html',
      `${OWN}/verdict.json`,
      `${OWN}/latency.hlog`,
    ]
    const before = files.map((file) => read(file))
    const digest = sha256(read('summary.json'))
    expect(read('index.html')).toContain(digest)
    await judgedToFail()
    expect(readdirSync(join(folder, 'earlier'))).toEqual([digest.slice(0, 12)])
    expect(files.map((file) => read('earlier', digest.slice(0, 12), file))).toEqual(before)
    expect(log.mock.calls.flat().join('\n')).toContain(`kept in ${join(folder, 'earlier', digest.slice(0, 12))}.`)
  })

  test('says who judged it, and instead of what, beside who played it', async () => {
    const { harness } = provenance()
    const digest = sha256(read('summary.json'))
    await judgedToFail()
    expect(provenance().harness).toEqual(harness)
    expect(provenance().judgedBy).toMatchObject({ node: process.version, supersedes: digest })
    expect(read('index.html')).toMatch(new RegExp(`Judged again.*instead of <code>${digest.slice(0, 12)}</code>`))
    expect(read('summary.md')).toContain(`instead of summary.json ${digest}`)
  })

  test('is then what stands, and judged to that once more it stays so', async () => {
    await judgedToFail()
    const before = read('summary.json')
    await judgedToFail()
    expect(read('summary.json')).toBe(before)
    expect(readdirSync(join(folder, 'earlier'))).toHaveLength(1)
  })

  test('and back again keeps both', async () => {
    const digests = [sha256(read('summary.json'))]
    await judgedToFail()
    digests.push(sha256(read('summary.json')))
    writeFileSync(join(folder, OWN, 'history.jsonl'), history)
    expect(await rejudge([folder])).toBe(0)
    expect(readdirSync(join(folder, 'earlier')).sort()).toEqual(digests.map((each) => each.slice(0, 12)).sort())
    expect(provenance().judgedBy?.supersedes).toBe(digests[1])
  })

  test('is not judged at all where what is there cannot be kept', async () => {
    const before = [read('summary.json'), read(OWN, 'verdict.json')]
    writeFileSync(join(folder, 'earlier'), 'a file where a folder belongs')
    await expect(judgedToFail()).rejects.toMatchObject({ name: 'EnvironmentError', code: 'ERR_NOT_KEPT' })
    expect([read('summary.json'), read(OWN, 'verdict.json')]).toEqual(before)
  })
})

test('one whose summary is there and cannot be read is not judged again', async () => {
  const before = read(OWN, 'verdict.json')
  rmSync(join(folder, 'summary.json'))
  mkdirSync(join(folder, 'summary.json'))
  await expect(judgedToFail()).rejects.toMatchObject({ name: 'EnvironmentError', code: 'ERR_NOT_KEPT' })
  expect(read(OWN, 'verdict.json')).toBe(before)
})

test('a summary that is torn is kept as well', async () => {
  const torn = read('summary.json').slice(0, 200)
  writeFileSync(join(folder, 'summary.json'), torn)
  expect(await rejudge([folder])).toBe(0)
  expect(read('earlier', sha256(torn).slice(0, 12), 'summary.json')).toBe(torn)
})
