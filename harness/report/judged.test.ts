import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeCouldNotRun } from './could-not-run.ts'
import { writeFailedTest } from './failed-test.ts'
import { judgeRun, type RunFile } from './judged.ts'
import { becauseOf, sayRun, toldOf } from './say.ts'
import { writeJudged } from './write-judged.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-judged-'))
})

afterEach(() => rm(folder, { recursive: true }))

const runOf = async (scenarios: RunFile['scenarios'], more: Partial<RunFile> = {}): Promise<void> => {
  const run: RunFile = {
    schema: 'firedrill.run/1',
    run: 'r',
    stack: 'high-availability',
    seed: 1,
    startedAt: '2026-11-20T14:02:11.482Z',
    scenarios,
    skipped: [],
    provenance: {
      harness: { version: '0', commit: null, node: process.version },
      images: {},
      composeSha256: 'none',
      machine: { os: 'any', kernel: 'any', cpus: 0, memoryMb: 0, engine: 'none' },
    },
  }
  await writeFile(join(folder, 'run.json'), JSON.stringify({ ...run, ...more }))
}

/** A scenario that passed, of the committed run, as one that was played on a deployment of a suite. */
const passedOn = async (stack: string): Promise<RunFile['scenarios'][number]> => {
  const own = `data-plane-failover.${stack}`
  await cp(join(import.meta.dirname, '../../reports/example/data-plane-failover'), join(folder, own), {
    recursive: true,
  })
  return { name: 'data-plane-failover', title: 'a gateway is killed', folder: own, stack }
}

test('a scenario that was asked for and left no history is inconclusive, and so is its run: exit code 2', async () => {
  await runOf([{ name: 'frozen-node', title: 'a gateway hangs' }])
  const { summary, scenarios } = await judgeRun(folder)
  expect(scenarios).toEqual([])
  expect(summary).toMatchObject({
    outcome: 'inconclusive',
    exitCode: 2,
    scenarios: [{ name: 'frozen-node', outcome: 'inconclusive' }],
  })
})

test('what could not be played says why, beside what was', async () => {
  const because = 'data-plane-2 was not healthy after 60 s.'
  await runOf([
    await passedOn('high-availability'),
    { name: 'frozen-node', title: 'a gateway hangs', stack: 'etcd', because },
  ])
  const { summary, scenarios } = await judgeRun(folder)
  expect(summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2 })
  expect(toldOf(summary, scenarios).map((each) => becauseOf(each))).toEqual([
    expect.stringContaining('All'),
    `It could not be played: ${because}`,
  ])
})

test('a scenario that did not pass says why in its line of the summary, and one that did says nothing', async () => {
  const [passed, unclaimed] = [await passedOn('high-availability'), await passedOn('etcd')]
  const history = join(folder, 'data-plane-failover.etcd', 'history.jsonl')
  const lines = (await readFile(history, 'utf8')).split('\n')
  await writeFile(history, lines.filter((line) => !line.includes('"kind":"claim"')).join('\n'))
  // Played once, and its deployment did not come up to play it again.
  await runOf([{ ...passed, because: 'no health' }, unclaimed])
  const { scenarios } = (await judgeRun(folder)).summary
  expect(scenarios.map(({ outcome, because }) => [outcome, because])).toEqual([
    ['pass', undefined],
    ['inconclusive', expect.stringContaining('nothing was demanded')],
  ])
})

test('how long a run took is null where nobody wrote it down, and a number where somebody did', async () => {
  await runOf([])
  expect((await judgeRun(folder)).summary.tookMs).toBeNull()
  await runOf([], { tookMs: 1200 })
  expect((await judgeRun(folder)).summary.tookMs).toBe(1200)
})

test('a run that was asked for nothing has proven nothing', async () => {
  await runOf([])
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2 })
})

test('a scenario that a suite played on two deployments is told twice, each from its own folder', async () => {
  await runOf([await passedOn('high-availability'), await passedOn('etcd')], { suite: 'acceptance' })
  const { summary } = await judgeRun(folder)
  expect(summary).toMatchObject({
    outcome: 'pass',
    scenarios: [
      { name: 'data-plane-failover', folder: 'data-plane-failover.high-availability', stack: 'high-availability' },
      { name: 'data-plane-failover', folder: 'data-plane-failover.etcd', stack: 'etcd' },
    ],
  })
})

test('what a suite requires and its deployment does not have makes the run inconclusive; what nobody required does not', async () => {
  const skipped = [{ name: 'database-failover', because: 'The deployment etcd has no database.' }]
  const played = [await passedOn('etcd')]
  await runOf(played, { suite: 'acceptance', skipped })
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2 })
  await runOf(played, { skipped })
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'pass', exitCode: 0 })
})

test('what was asked for by name is required as a suite requires it, and --all requires nothing', async () => {
  const skipped = [{ name: 'database-failover', because: 'The deployment etcd has no database.' }]
  const played = [await passedOn('etcd')]
  await runOf(played, { required: true, skipped })
  const { summary } = await judgeRun(folder)
  expect(summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2, required: true })
  expect(sayRun(summary)).toBe(
    '1 of 1 scenario passed. 1 did not apply and was skipped, though it was asked for by name.',
  )
  await runOf(played, { required: true })
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'pass', exitCode: 0 })
})

test('what was played once on each of two legs of one stack is no distribution, and on one leg twice it is', async () => {
  const [one, other] = [await passedOn('one'), await passedOn('other')]
  const stack = 'high-availability'
  await runOf([
    { ...one, stack },
    { ...other, stack, part: 'vendor' },
  ])
  const { summary } = await judgeRun(folder)
  expect(summary).not.toHaveProperty('distributions')
  expect(summary.scenarios.map(({ part }) => part)).toEqual([undefined, 'vendor'])
  await runOf([
    { ...one, stack, part: 'vendor' },
    { ...other, stack, part: 'vendor' },
  ])
  expect((await judgeRun(folder)).summary.distributions?.[0]).toMatchObject({ n: 2, part: 'vendor' })
})

test('an attempt that proved nothing for the sensor’s reasons is forgotten by a pass, and one that may be the deployment’s is not', async () => {
  const played = [await passedOn('etcd')]
  const attempt = { name: 'a', folder: 'a.attempt-1', outcome: 'inconclusive', because: 'Why.' } as const
  await runOf(played, { attempts: [attempt] })
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'pass', exitCode: 0 })
  await runOf(played, { attempts: [attempt, { ...attempt, stays: true }] })
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2 })
})

test('an attempt that was set aside is judged again with the rest: what is a failure now was not played away', async () => {
  const played = await passedOn('etcd')
  const { folder: own = '' } = await passedOn('etcd.attempt-1')
  const history = join(folder, own, 'history.jsonl')
  await writeFile(history, (await readFile(history, 'utf8')).replace('"p99":"1s"', '"p99":"0ms"'))
  const attempt = { name: 'data-plane-failover.etcd', folder: own, outcome: 'inconclusive', because: 'Why.' } as const
  await runOf([played], { attempts: [attempt] })
  const { summary } = await judgeRun(folder)
  expect(summary).toMatchObject({ outcome: 'fail', exitCode: 1, attempts: [{ outcome: 'fail' }] })
  expect(sayRun(summary)).toBe('1 of 1 scenario passed. 1 earlier attempt failed.')
  // Its record is gone: what was concluded then stands.
  await rm(join(folder, own), { recursive: true })
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'pass', attempts: [attempt] })
})

/** The first byte of a lane's calls is another. */
const damage = async (own: string): Promise<void> => {
  const file = join(folder, own, 'calls', 'kept-alive.calls')
  const bytes = await readFile(file)
  bytes[0] = 0
  await writeFile(file, bytes)
}

test('a scenario whose record cannot be read is inconclusive and says why, and what another failed is told', async () => {
  const [damaged, failed] = [await passedOn('high-availability'), await passedOn('etcd')]
  await damage('data-plane-failover.high-availability')
  const history = join(folder, 'data-plane-failover.etcd', 'history.jsonl')
  await writeFile(history, (await readFile(history, 'utf8')).replace('"p99":"1s"', '"p99":"0ms"'))
  await runOf([damaged, failed])
  const run = await judgeRun(folder)
  const { summary, scenarios } = run
  await writeJudged(folder, run)
  expect(summary).toMatchObject({ outcome: 'fail', exitCode: 1 })
  expect(summary.scenarios.map(({ outcome, because, findings }) => [outcome, because, findings.length > 0])).toEqual([
    [
      'inconclusive',
      expect.stringMatching(
        /^It could not be judged: data-plane-failover.high-availability.calls.kept-alive.calls is not a calls file/,
      ),
      false,
    ],
    ['fail', expect.any(String), true],
  ])
  expect(scenarios.map((each) => each.folder)).toEqual(['data-plane-failover.etcd'])
  // What was judged when its record was whole would say otherwise.
  const files = await readdir(join(folder, 'data-plane-failover.high-availability'))
  expect(files).not.toContain('verdict.json')
  expect(files).toContain('verdict.json.earlier')
})

test('what cannot be written is named, once everything is judged, and the rest is written', async () => {
  const played = [await passedOn('high-availability'), await passedOn('etcd')]
  const [inTheWay, other] = played.map(({ folder: own = '' }) => join(folder, own, 'verdict.json'))
  for (const file of [inTheWay, other]) await rm(file ?? '')
  await mkdir(inTheWay ?? '')
  await runOf(played)
  const run = await judgeRun(folder)
  expect(run.summary).toMatchObject({ outcome: 'pass', exitCode: 0 })
  expect(await writeJudged(folder, run)).toEqual([
    expect.stringMatching(/^data-plane-failover.high-availability.verdict.json \(E[A-Z]+: /),
  ])
  expect(JSON.parse(await readFile(other ?? '', 'utf8'))).toMatchObject({ outcome: 'pass' })
})

test('something that was left behind and could not be written down was left behind all the same', async () => {
  await runOf([await passedOn('etcd')])
  // As a full disk leaves it.
  await writeFile(join(folder, 'left-behind.json'), '')
  const { summary } = await judgeRun(folder)
  expect(summary).toMatchObject({
    outcome: 'inconclusive',
    exitCode: 2,
    leftBehind: expect.stringMatching(/could not be read/),
  })
})

test('a run is no pass where Playwright ended as if something had not passed, and nothing that was judged says what', async () => {
  const [here, there] = [await passedOn('high-availability'), await passedOn('etcd')]
  const ended = (exitCode: number) => ({ ended: { exitCode, signal: null } })
  await runOf([here, { ...there, ...ended(1) }])
  const { summary } = await judgeRun(folder)
  expect(summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2, endedOddly: 'with exit code 1' })
  expect(sayRun(summary)).toMatch(/^All 2 scenarios passed\. Playwright ended with exit code 1 all the same/)
  await runOf([here, { ...there, ...ended(0) }])
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'pass', exitCode: 0 })
  // Another deployment's doubt says nothing of this one; its own says why.
  const unplayed = { name: 'frozen-node', title: 'a gateway hangs', stack: 'etcd', ...ended(1) }
  await runOf([here, { ...there, ...ended(1) }, unplayed])
  expect((await judgeRun(folder)).summary).not.toHaveProperty('endedOddly')
  await runOf([{ ...here, ...ended(1) }, { ...there, ...ended(1) }, unplayed])
  expect((await judgeRun(folder)).summary).toMatchObject({ endedOddly: 'with exit code 1' })
})

test('a scenario whose test failed beside its verdict is no pass, whoever judges it, and a failure it stays', async () => {
  const asked = await passedOn('etcd')
  await runOf([asked])
  const own = join(folder, 'data-plane-failover.etcd')
  await writeFailedTest(own, [{ message: 'Error: expected 3, got 2' }], (text) => text)
  const run = await judgeRun(folder)
  const judged = run.summary
  await writeJudged(folder, run)
  expect(judged).toMatchObject({ outcome: 'inconclusive', exitCode: 2 })
  expect(judged.scenarios[0]?.because).toBe('Playwright’s test failed beside its verdict: Error: expected 3, got 2.')
  expect(JSON.parse(await readFile(join(own, 'verdict.json'), 'utf8'))).toMatchObject({ outcome: 'inconclusive' })
  const history = join(own, 'history.jsonl')
  await writeFile(history, (await readFile(history, 'utf8')).replace('"p99":"1s"', '"p99":"0ms"'))
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'fail', exitCode: 1 })
})

test('a failure stands where the rest of its run could not be played', async () => {
  const failed = await passedOn('etcd')
  const history = join(folder, 'data-plane-failover.etcd', 'history.jsonl')
  await writeFile(history, (await readFile(history, 'utf8')).replace('"p99":"1s"', '"p99":"0ms"'))
  await writeCouldNotRun(folder, { name: 'EnvironmentError', message: 'no space', code: 'ENOSPC' })
  await runOf([failed])
  const { summary } = await judgeRun(folder)
  expect(summary).toMatchObject({ outcome: 'fail', exitCode: 1 })
  expect(sayRun(summary)).toMatch(/^1 of 1 scenario failed.*The rest could not be run: no space/)
})
