// What is made of a run whose deployment does not come up, or does not come up again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { optionsFrom } from '../options.ts'
import { type Ended, judgeRun } from '../report/judged.ts'
import { startSmallEngine } from '../topology/small-engine.fixture.ts'
import { type Leg, playRun } from './play.ts'

let engine: Awaited<ReturnType<typeof startSmallEngine>>
let folder = ''

beforeAll(async () => {
  engine = await startSmallEngine()
})

afterAll(() => engine.end())

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-play-'))
})

/** Its processes are found by it, and nobody else's are to be. */
const RUN = `fd-play-${process.pid}`

const legOf = (part: string | undefined, ...names: readonly string[]): Leg => ({
  ...(part !== undefined && { part }),
  stack: part ?? 'high-availability',
  settings: {},
  times: 1,
  scenarios: names.map((name) => ({ name, file: name, title: name, tags: [], needs: [] })),
})

/** As a worker does that played it: of a history without a run nobody can say that it passed. */
const heard = (own: string): void => {
  mkdirSync(join(folder, own))
  writeFileSync(join(folder, own, 'history.jsonl'), '')
}

/** As a worker does that found no deployment. */
const notUp = (): void =>
  writeFileSync(
    join(folder, 'could-not-run.json'),
    JSON.stringify({ name: 'EnvironmentError', message: 'Compose could not.', code: 'ERR_COMPOSE_UP' }),
  )

const playedBy = (
  legs: readonly Leg[],
  onLeg: (part: string) => void,
  {
    FIREDRILL_KEEP = '',
    FIREDRILL_OBJECTIVES = '',
    isRequired = false,
    ended = { exitCode: 0, signal: null } as Ended,
  } = {},
): Promise<void> =>
  playRun(
    legs,
    optionsFrom({ FIREDRILL_RUN: RUN, FIREDRILL_RUN_FOLDER: folder, FIREDRILL_KEEP, FIREDRILL_OBJECTIVES }),
    {
      env: {},
      reruns: 0,
      skipped: [],
      isRequired,
      playAll: async (_, env) => {
        onLeg(env.FIREDRILL_PART ?? '')
        return ended
      },
    },
  )

test('a deployment that does not come up again leaves what was played its verdict, and the rest says why', async () => {
  await playedBy([legOf(undefined, 'frozen-node', 'soak')], () => {
    heard('frozen-node')
    notUp()
  })
  const { summary } = await judgeRun(folder)
  expect(summary).toMatchObject({
    outcome: 'inconclusive',
    scenarios: [
      { name: 'frozen-node', because: expect.not.stringContaining('Compose') },
      { name: 'soak', outcome: 'inconclusive', because: expect.stringContaining('not be played: Compose could not.') },
    ],
  })
  expect(readdirSync(folder)).not.toContain('could-not-run.json')
})

test('where nothing was played the reason is thrown, and stays written down', async () => {
  await expect(playedBy([legOf(undefined, 'frozen-node')], notUp)).rejects.toMatchObject({ code: 'ERR_COMPOSE_UP' })
  expect(JSON.parse(readFileSync(join(folder, 'could-not-run.json'), 'utf8'))).toMatchObject({ code: 'ERR_COMPOSE_UP' })
})

test('of several deployments none of which came up for all, what one played stands', async () => {
  const legs = [legOf(undefined, 'frozen-node', 'soak'), legOf('etcd', 'data-plane-failover')]
  await playedBy(legs, (part) => {
    if (part === '') heard('frozen-node')
    notUp()
  })
  expect((await judgeRun(folder)).summary.scenarios.map(({ because }) => because?.includes('Compose'))).toEqual([
    false,
    true,
    true,
  ])
})

test('with --keep nothing takes the place of a deployment that did not pass, and what was not played says why', async () => {
  const legs = [legOf(undefined, 'frozen-node'), legOf('etcd', 'data-plane-failover'), legOf('multi-zone', 'zone-loss')]
  const played: string[] = []
  const onLeg = (part: string): void => {
    played.push(part)
    if (part === '') notUp()
    else heard('data-plane-failover.etcd')
  }
  await playedBy(legs, onLeg, { FIREDRILL_KEEP: '1' })
  // One that did not come up left nothing to look at.
  expect(played).toEqual(['', 'etcd'])
  expect((await judgeRun(folder)).summary.scenarios[2]?.because).toBe(
    'It could not be played: --keep goes no further than etcd, which did not pass.',
  )
})

test('without --keep every deployment is played', async () => {
  const played: string[] = []
  await playedBy([legOf(undefined, 'frozen-node'), legOf('etcd', 'soak')], (part) => {
    played.push(part)
    heard(part === '' ? 'frozen-node' : 'soak.etcd')
  })
  expect(played).toEqual(['', 'etcd'])
})

test('run.json says which leg each was played on, and whether what was asked for is required', async () => {
  const written = () => JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
  const legs = [legOf(undefined, 'frozen-node'), legOf('etcd', 'frozen-node')]
  await playedBy(legs, () => {}, { isRequired: true })
  expect(written()).toMatchObject({ required: true, scenarios: [{ name: 'frozen-node' }, { part: 'etcd' }] })
  expect(written().scenarios[0]).not.toHaveProperty('part')
  await playedBy(legs, () => {})
  expect(written()).not.toHaveProperty('required')
})

test('run.json has the limits that a team gave, and nothing of them where it gave none', async () => {
  const written = () => JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
  const legs = [legOf(undefined, 'frozen-node')]
  const objectives = { 'frozen-node': { p99: '60s', survivors: 0 } }
  await playedBy(legs, () => {}, { FIREDRILL_OBJECTIVES: JSON.stringify(objectives) })
  expect(written()).toMatchObject({ objectives })
  await playedBy(legs, () => {})
  expect(written()).not.toHaveProperty('objectives')
})

const reasons = async (): Promise<readonly (string | undefined)[]> =>
  (await judgeRun(folder)).summary.scenarios.map(({ because }) => because)

test('what an interrupted run did not come to says so, and nothing else does', async () => {
  const legs = [legOf(undefined, 'frozen-node', 'soak'), legOf('etcd', 'data-plane-failover')]
  const onLeg = (): void => {
    heard('frozen-node')
    process.emit('SIGINT')
  }
  await playedBy(legs, onLeg, { ended: { exitCode: 130, signal: null } })
  expect(await reasons()).toEqual([
    expect.not.stringContaining('interrupted'),
    'It was not played: the run was interrupted before.',
    'It was not played: the run was interrupted before.',
  ])
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({ interrupted: true })
})

test.each([
  [{ exitCode: 1, signal: null }, 'with exit code 1'],
  [{ exitCode: null, signal: 'SIGKILL' }, 'by SIGKILL'],
])('what a Playwright that ended too soon did not play says how it ended: %j', async (ended, how) => {
  await playedBy([legOf(undefined, 'frozen-node')], () => {}, { ended })
  expect(await reasons()).toEqual([
    `It was not played: Playwright ended ${how} before, and what it said of that is on the terminal.`,
  ])
})

test('with --keep what follows on the same deployment says that it went no further', async () => {
  await playedBy([legOf(undefined, 'frozen-node', 'soak')], () => heard('frozen-node'), {
    FIREDRILL_KEEP: '1',
    ended: { exitCode: 1, signal: null },
  })
  expect((await reasons())[1]).toBe(
    'It could not be played: --keep goes no further than high-availability, which did not pass.',
  )
})

test.runIf(process.platform === 'linux')('a worker that goes on after its Playwright ended is ended', async () => {
  const env = { ...process.env, FIREDRILL_RUN: RUN }
  const worker = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { env })
  try {
    const end = once(worker, 'exit')
    await once(worker, 'spawn')
    await playedBy([legOf(undefined, 'frozen-node')], () => {})
    expect((await end)[1]).toBe('SIGKILL')
  } finally {
    worker.kill('SIGKILL')
  }
})
