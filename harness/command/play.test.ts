// What is made of a run whose deployment does not come up, or does not come up again; and what is played again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EventOf } from '../history/event.ts'
import { folderOf, optionsFrom, ROOT } from '../options.ts'
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
  onLeg: (part: string, names: readonly string[]) => void,
  {
    FIREDRILL_KEEP = '',
    FIREDRILL_OBJECTIVES = '',
    isRequired = false,
    isInterrupted = false,
    reruns = 0,
    ended = { exitCode: 0, signal: null } as Ended,
  } = {},
): Promise<void> =>
  playRun(
    legs,
    optionsFrom({ FIREDRILL_RUN: RUN, FIREDRILL_RUN_FOLDER: folder, FIREDRILL_KEEP, FIREDRILL_OBJECTIVES }),
    {
      env: {},
      reruns,
      skipped: [],
      isRequired,
      isInterrupted,
      playAll: async (scenarios, env) => {
        onLeg(
          env.FIREDRILL_PART ?? '',
          scenarios.map(({ name }) => name),
        )
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

test('what was interrupted before it began is not played, and the record says so', async () => {
  const played: string[] = []
  await playedBy([legOf(undefined, 'frozen-node')], (part) => played.push(part), { isInterrupted: true })
  expect(played).toEqual([])
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({ interrupted: true })
  expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2 })
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

describe('with one rerun', () => {
  /** As a worker does that played the committed run, which passes, and had more to write down in the end. */
  const played = (own: string, ...more: readonly EventOf<'teardown'>[]): void => {
    cpSync(join(ROOT, 'reports', 'example', 'data-plane-failover'), join(folder, own), { recursive: true })
    appendFileSync(join(folder, own, 'history.jsonl'), more.map((event) => `${JSON.stringify(event)}\n`).join(''))
  }
  const unsaved = (about: NonNullable<EventOf<'teardown'>['about']>) =>
    ({ kind: 'teardown', at: 20_000, ok: false, about, because: `No ${about}.` }) as const

  /** Plays two, the second of them as `first` leaves it, and passed when it is played again; which were played, time by time. */
  const playedAgain = async (first: () => void): Promise<readonly (readonly string[])[]> => {
    const times: (readonly string[])[] = []
    await playedBy(
      [legOf(undefined, 'frozen-node', 'soak')],
      (_, names) => {
        times.push(names)
        if (names.includes('frozen-node')) played('frozen-node')
        if (times.length === 1) first()
        else played('soak')
      },
      { reruns: 1 },
    )
    return times
  }

  test('what proved nothing by the sensor’s doubt is played again: a pass counts, and both are kept', async () => {
    expect(await playedAgain(() => played('soak', unsaved('machine')))).toEqual([['frozen-node', 'soak'], ['soak']])
    const { summary } = await judgeRun(folder)
    expect(summary).toMatchObject({ outcome: 'pass', exitCode: 0 })
    expect(summary.attempts).toEqual([
      { name: 'soak', folder: 'soak.attempt-1', outcome: 'inconclusive', because: 'No machine.' },
    ])
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['soak', 'soak.attempt-1']))
  })

  test('what did so by a doubt that may be the deployment’s is played again, and the run does not pass by it', async () => {
    expect(await playedAgain(() => played('soak', unsaved('healing')))).toHaveLength(2)
    const { summary } = await judgeRun(folder)
    expect(summary).toMatchObject({
      outcome: 'inconclusive',
      exitCode: 2,
      scenarios: [{ outcome: 'pass' }, { outcome: 'pass' }],
      attempts: [
        { stays: true, because: expect.stringMatching(/^No healing\. The deployment itself may be to blame/) },
      ],
    })
  })

  test('what did so before anything was broken is forgotten by a pass, whosever doubt it is', async () => {
    expect(await playedAgain(() => heard('soak'))).toHaveLength(2)
    const { summary } = await judgeRun(folder)
    expect(summary).toMatchObject({ outcome: 'pass', attempts: [{ folder: 'soak.attempt-1' }] })
    expect(summary.attempts?.[0]).not.toHaveProperty('stays')
  })

  test('a test that failed beside its verdict is not forgotten as another is played again, nor as it is itself', async () => {
    let times = 0
    const ended = { exitCode: 1, signal: null }
    await playedBy(
      [legOf(undefined, 'frozen-node', 'soak')],
      (_, names) => {
        times += 1
        for (const name of names) played(name, ...(times === 1 && name === 'soak' ? [unsaved('machine')] : []))
        if (times === 1)
          writeFileSync(join(folder, 'frozen-node', 'failed-test.json'), '{ "because": "Error: 3 was expected" }')
        // As Playwright does where all that is played again passes.
        else ended.exitCode = 0
      },
      { reruns: 1, ended },
    )
    expect(times).toBe(2)
    const { summary } = await judgeRun(folder)
    expect(summary).toMatchObject({ outcome: 'inconclusive', exitCode: 2 })
    expect(summary.attempts?.find(({ name }) => name === 'frozen-node')).toMatchObject({
      stays: true,
      because: expect.stringContaining('Error: 3 was expected'),
    })
  })

  test('nothing is played again beside a failure', async () => {
    const first = (): void => {
      played('soak', unsaved('machine'))
      const history = join(folder, 'frozen-node', 'history.jsonl')
      writeFileSync(history, readFileSync(history, 'utf8').replace('"p99":"1s"', '"p99":"0ms"'))
    }
    expect(await playedAgain(first)).toEqual([['frozen-node', 'soak']])
    const { summary } = await judgeRun(folder)
    expect(summary).toMatchObject({ outcome: 'fail', scenarios: [{ outcome: 'fail' }, { outcome: 'inconclusive' }] })
    expect(summary).not.toHaveProperty('attempts')
  })

  test('what proves nothing again counts as that, and is not played a third time', async () => {
    let times = 0
    await playedBy(
      [legOf(undefined, 'soak')],
      () => {
        times += 1
        played('soak', unsaved('machine'))
      },
      { reruns: 1 },
    )
    expect(times).toBe(2)
    expect((await judgeRun(folder)).summary).toMatchObject({ outcome: 'inconclusive', attempts: [{ name: 'soak' }] })
  })

  test('one of several repetitions is not played again: each counts', async () => {
    let times = 0
    await playedBy(
      [{ ...legOf(undefined, 'soak'), times: 2 }],
      () => {
        times += 1
        for (const repetition of [1, 2]) played(folderOf('soak', { times: 2, repetition }), unsaved('machine'))
      },
      { reruns: 1 },
    )
    expect(times).toBe(1)
  })
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
