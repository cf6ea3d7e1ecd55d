import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redactValues } from './redact-values.ts'
import { passedScenario, sampleScenario, sampleSummary } from './sample.fixture.ts'
import { writeReport } from './write.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-report-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const scenarios = [sampleScenario(), passedScenario()]
const same = (text: string): string => text
const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8')

describe('writeReport', () => {
  test('writes every file of the report and leaves nothing else behind', async () => {
    const { html } = await writeReport(folder, sampleSummary(scenarios), scenarios, same)
    expect(html).toBe(join(folder, 'index.html'))
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'control-plane-failover',
      'control-plane-failover/verdict.json',
      'data-plane-failover',
      'data-plane-failover/verdict.json',
      'index.html',
      'junit.xml',
      'summary.json',
      'summary.md',
    ])
    expect(JSON.parse(await read('summary.json'))).toMatchObject({
      schema: 'firedrill.summary/1',
      outcome: 'fail',
      exitCode: 1,
    })
    expect(JSON.parse(await read('data-plane-failover/verdict.json'))).toMatchObject({
      schema: 'firedrill.verdict/1',
      scenario: 'data-plane-failover',
    })
  })

  test('a secret in any string of the run is in none of the files', async () => {
    const canary = 'CANARY<s3cret>&"42"'
    // A lone word may be a kind or a folder, which decides what is written; every other string carries the secret.
    const taint = (text: string): string => (/^[a-z-]+$/.test(text) ? text : `${text} ${canary}`)
    const tainted = redactValues(scenarios, taint)
    const summary = redactValues(sampleSummary(scenarios), taint)
    const images = { [`${canary}/gateway:1`]: canary }
    const provenance = { ...summary.provenance, images }
    await writeReport(folder, { ...summary, provenance }, tainted, (text) => text.replaceAll(canary, '[redacted]'))
    for (const file of ['summary.json', 'summary.md', 'junit.xml', 'index.html', 'data-plane-failover/verdict.json']) {
      const text = await read(file)
      expect(text).toContain('redacted')
      expect(text).not.toMatch(/CANARY|s3cret/)
    }
    const charts = gunzipSync(
      Buffer.from(/id="charts">([^<]*)</.exec(await read('index.html'))?.[1] ?? '', 'base64'),
    ).toString()
    expect(charts).toContain('redacted')
    expect(charts).not.toContain('CANARY')
  })

  test('screenshots are taken in from the scenario’s folder, as long as the page stays small', async () => {
    await mkdir(join(folder, 'data-plane-failover/screenshots'), { recursive: true })
    const file = join(folder, 'data-plane-failover/screenshots/1-after-drop.png')
    await writeFile(file, Buffer.from('small picture'))
    await writeReport(folder, sampleSummary(scenarios), scenarios, same)
    expect(await read('index.html')).toContain(
      `src="data:image/png;base64,${Buffer.from('small picture').toString('base64')}"`,
    )
    await writeFile(file, Buffer.alloc(2_000_000, 1))
    await writeReport(folder, sampleSummary(scenarios), scenarios, same)
    expect(await read('index.html')).not.toContain('data:image/png')
  })

  test('a picture outside the run is never taken in', async () => {
    const outside = `${folder}.png`
    await writeFile(outside, 'private')
    const { history, ...rest } = sampleScenario()
    const events = [{ kind: 'screenshot', at: 1, title: 'x', file: `../../${outside.split('/').at(-1)}` } as const]
    await writeReport(folder, sampleSummary(scenarios), [{ ...rest, history: { ...history, events } }], same)
    expect(await read('index.html')).not.toContain('data:image')
    await rm(outside)
  })

  test('the digest on the sign-off is that of summary.json as it was written', async () => {
    await writeReport(folder, sampleSummary(scenarios), scenarios, (text) => text.replaceAll('M05', '[redacted]'))
    const digest = await crypto.subtle.digest('SHA-256', await readFile(join(folder, 'summary.json')))
    expect(await read('index.html')).toContain(Buffer.from(digest).toString('hex'))
  })
})
