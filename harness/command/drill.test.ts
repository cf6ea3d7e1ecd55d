// What a drill makes of its run, but for the playing itself: what it requires, and what it says was left behind.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { removeForGood } from '../fault/clearing.ts'
import { judgeRun, writeLeftBehind } from '../report/judged.ts'
import { sayRun } from '../report/say.ts'
import type { Summary } from '../report/summary.ts'
import { freePort } from '../setup/free-port.fixture.ts'
import { EnvironmentError } from '../time/errors.ts'
import { takeLease } from '../topology/lease.ts'
import { remove } from '../topology/residue.ts'
import { drill } from './drill.ts'
import { judgeAndReport } from './judge-and-report.ts'
import { playRun } from './play.ts'
import { makeReady } from './ready.ts'

const { RUNS } = vi.hoisted(() => ({ RUNS: { folder: '' } }))

vi.mock('../options.ts', async (original) => {
  RUNS.folder = mkdtempSync(join(tmpdir(), 'firedrill-drill-'))
  return { ...(await original<object>()), RUNS: RUNS.folder }
})
vi.mock('../fault/clearing.ts', () => ({
  clearDead: async () => [],
  leftAlone: async () => [],
  removeForGood: vi.fn(),
}))
vi.mock('../fault/warden.ts', () => ({ startWarden: vi.fn() }))
vi.mock('../topology/lease.ts', () => ({ endLease: vi.fn(), takeLease: vi.fn() }))
vi.mock('../topology/residue.ts', () => ({ remove: vi.fn(async () => {}), residueOf: async () => [] }))
vi.mock('./ready.ts', () => ({ makeReady: vi.fn(async () => ({})), readyVariables: () => ({}) }))
vi.mock('./play.ts', () => ({ playRun: vi.fn(async () => {}), profilesOf: () => undefined }))
vi.mock('./judge-and-report.ts', () => ({ judgeAndReport: vi.fn(async () => 0) }))
vi.spyOn(console, 'log').mockImplementation(() => {})
// Each drill listens until its process ends: here they are many in one.
process.setMaxListeners(100)

afterEach(() => {
  vi.clearAllMocks()
  for (const name of readdirSync(RUNS.folder)) rmSync(join(RUNS.folder, name), { recursive: true })
})

afterAll(() => rmSync(RUNS.folder, { recursive: true }))

test.each([
  ['a suite', ['--suite', 'smoke'], true],
  ['scenarios by name', ['frozen-node'], true],
  ['all of them', ['--all'], false],
  ['nothing in particular', [], false],
])('who asks for %s requires them: %j, %j', async (_, argv, isRequired) => {
  await drill(argv)
  expect(vi.mocked(playRun).mock.calls[0]?.[2].isRequired).toBe(isRequired)
})

test('a rate is refused by the zones in which the stack itself has callers stand: one without that label has none', async () => {
  vi.stubEnv('CALLER_ZONES', 'a b c')
  const rated = (stack: string) => drill(['data-plane-failover', '--stack', stack, '--rate', '400'])
  expect(await rated('etcd')).toBe(0)
  await expect(rated('multi-zone')).rejects.toThrow('8 lanes share it with callers in a, b, c and outside')
  await expect(drill(['--plan', '--stack', 'multi-zone', '--rate', '400'])).rejects.toThrow('8 lanes share it')
  vi.unstubAllEnvs()
})

test('a Ctrl-C before there is anything to play is told to whoever would play', async () => {
  const told = async () => {
    await drill(['frozen-node'])
    return vi.mocked(playRun).mock.calls.at(-1)?.[2].isInterrupted
  }
  expect(await told()).toBe(false)
  vi.mocked(takeLease).mockImplementationOnce(async (lease) => {
    process.emit('SIGINT')
    return lease as Awaited<ReturnType<typeof takeLease>>
  })
  expect(await told()).toBe(true)
})

/** Whether a note of what was left lies there when the run is judged, of a worker that could not remove its deployment. */
const isNotedWhenJudged = async (): Promise<boolean | undefined> => {
  vi.mocked(playRun).mockImplementationOnce(async (_, { folder }) => {
    mkdirSync(folder, { recursive: true })
    await writeLeftBehind(folder, 'the network would not go')
  })
  let isNoted: boolean | undefined
  vi.mocked(judgeAndReport).mockImplementationOnce(async (folder) => {
    isNoted = existsSync(join(folder, 'left-behind.json'))
    return 0
  })
  await drill(['frozen-node'])
  return isNoted
}

test('what a worker could not remove and the drill could is not told', async () => {
  expect(await isNotedWhenJudged()).toBe(false)
})

test('what would not go in the end either is told', async () => {
  vi.mocked(remove).mockRejectedValueOnce(new Error('in use'))
  expect(await isNotedWhenJudged()).toBe(true)
})

/** Plays nothing, and leaves a disk that takes no note: the run has no folder. */
const playedWithoutFolder = (): void => {
  vi.mocked(playRun).mockImplementationOnce(async (_, { folder }) => rmSync(folder, { recursive: true, force: true }))
  vi.mocked(remove).mockRejectedValueOnce(new Error('in use'))
}

test('what would not go and could not be written down either takes no verdict away, and is not exit code 0', async () => {
  playedWithoutFolder()
  expect(await drill(['frozen-node'])).toBe(3)
  expect(judgeAndReport).toHaveBeenCalledOnce()
  playedWithoutFolder()
  vi.mocked(judgeAndReport).mockResolvedValueOnce(1)
  expect(await drill(['frozen-node'])).toBe(1)
})

test('a link to the newest run that cannot be made changes no exit code', async () => {
  rmSync(join(RUNS.folder, 'latest'), { force: true })
  mkdirSync(join(RUNS.folder, 'latest', 'in-the-way'), { recursive: true })
  vi.mocked(judgeAndReport).mockResolvedValueOnce(1)
  expect(await drill(['frozen-node']).finally(() => rmSync(join(RUNS.folder, 'latest'), { recursive: true }))).toBe(1)
})

const EXAMPLE = join(import.meta.dirname, '../../reports/example')
const OWN = 'data-plane-failover'

/** Leaves what a drill leaves that passed. */
const playedWell = (folder: string): void => {
  cpSync(join(EXAMPLE, OWN), join(folder, OWN), { recursive: true })
  const run = JSON.parse(readFileSync(join(EXAMPLE, 'run.json'), 'utf8'))
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, scenarios: [{ name: OWN, title: 'a claim' }] }))
}

const CONTROL_PLANE_ALONE = ['--from', 'control-plane=a', '--to', 'control-plane=b']

test('an upgrade of the control plane alone has no gateway to roll back at: its suite says so, and passes without', async () => {
  vi.mocked(playRun).mockImplementationOnce(async (_legs, { folder }, { suite, skipped }) => {
    playedWell(folder)
    const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
    writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, suite, required: true, skipped }))
  })
  let summary: Summary | undefined
  vi.mocked(judgeAndReport).mockImplementationOnce(async (folder) => {
    summary = (await judgeRun(folder)).summary
    return summary.exitCode
  })
  expect(await drill(['--suite', 'upgrade', ...CONTROL_PLANE_ALONE])).toBe(0)
  const because =
    'The deployment high-availability has FIREDRILL_UPGRADE_TO=control-plane=b, and the claim is about FIREDRILL_UPGRADE_TO=data-plane=*.'
  expect(summary?.skipped).toEqual([{ name: 'upgrade-rollback', because, optional: true }])
  expect(summary && sayRun(summary)).toBe('1 of 1 scenario passed. 1 did not apply and was skipped.')
})

test('whoever names what an upgrade of the control plane alone cannot show requires it', async () => {
  await drill(['rolling-upgrade', 'upgrade-rollback', ...CONTROL_PLANE_ALONE])
  const [, , asked] = vi.mocked(playRun).mock.calls[0] ?? []
  expect(asked).toMatchObject({ isRequired: true, skipped: [{ name: 'upgrade-rollback' }] })
  expect(asked?.skipped[0]).not.toHaveProperty('optional')
  vi.mocked(playRun).mockClear()
  await drill(['--suite', 'upgrade', '--from', 'data-plane=a', '--to', 'control-plane=b, data-plane=b'])
  expect(vi.mocked(playRun).mock.calls[0]?.[2].skipped).toEqual([])
})

test.each([
  ['with --keep', ['--keep']],
  ['without', []],
])('what would not go after a pass is told with the verdict: %s', async (_, argv) => {
  vi.mocked(playRun).mockImplementationOnce(async (_legs, { folder }) => playedWell(folder))
  vi.mocked(remove).mockRejectedValueOnce(new Error('the network is in use'))
  let outcome: unknown
  vi.mocked(judgeAndReport).mockImplementationOnce(async (folder) => {
    outcome = (await judgeRun(folder)).summary
    return 2
  })
  expect(await drill([OWN, ...argv])).toBe(2)
  expect(outcome).toMatchObject({ outcome: 'inconclusive', exitCode: 2, leftBehind: 'the network is in use' })
})

test('with --keep, what would not go once the verdict is told changes no exit code', async () => {
  vi.mocked(playRun).mockImplementationOnce(async (_legs, { folder }) => {
    playedWell(folder)
    writeFileSync(join(folder, OWN, 'history.jsonl'), '')
  })
  vi.mocked(judgeAndReport).mockResolvedValueOnce(1)
  vi.mocked(remove).mockRejectedValue(new Error('the network is in use'))
  expect(await drill([OWN, '--keep']).finally(() => vi.mocked(remove).mockResolvedValue())).toBe(1)
})

const latest = (): string => join(RUNS.folder, 'latest')

/** What CI reads of the newest run. */
const reported = () => ({
  summary: JSON.parse(readFileSync(join(latest(), 'summary.json'), 'utf8')),
  markdown: readFileSync(join(latest(), 'summary.md'), 'utf8'),
  junit: readFileSync(join(latest(), 'junit.xml'), 'utf8'),
})

test('a run that is refused before it begins is the newest, and its report says why: exit code 3', async () => {
  mkdirSync(join(RUNS.folder, 'fd-yesterday'))
  symlinkSync('fd-yesterday', latest())
  vi.mocked(takeLease).mockRejectedValueOnce(new EnvironmentError('The subnet is taken.', { code: 'ERR_SUBNET' }))
  await expect(drill(['frozen-node'])).rejects.toMatchObject({ code: 'ERR_SUBNET' })
  expect(readlinkSync(latest())).not.toBe('fd-yesterday')
  const { summary, markdown, junit } = reported()
  const sentence = 'It could not be run: The subnet is taken. [ERR_SUBNET]'
  expect(summary).toMatchObject({ run: readlinkSync(latest()), outcome: 'inconclusive', exitCode: 3, scenarios: [] })
  expect(markdown.replaceAll('\\', '')).toContain(`${sentence} Exit code 3, the machine or the request is at fault`)
  expect(junit.match(/<error /g)).toHaveLength(1)
  expect(junit).toContain(`<error message="${sentence}"`)
  expect(junit).toContain('errors="1"')
  // Judged again it says the same.
  expect((await judgeRun(latest())).summary).toMatchObject({ exitCode: 3, couldNotRun: summary.couldNotRun })
})

test('an engine on another machine, of which a port is not forwarded, is refused before anything is made ready', async () => {
  vi.stubEnv('DOCKER_HOST', 'ssh://192.0.2.1')
  vi.stubEnv('FIREDRILL_PORT_GATEWAY', String(await freePort()))
  await expect(drill(['frozen-node']).finally(vi.unstubAllEnvs)).rejects.toMatchObject({ code: 'ERR_ENGINE_FAR' })
  expect(makeReady).not.toHaveBeenCalled()
  expect(reported().summary).toMatchObject({ exitCode: 3, couldNotRun: expect.stringContaining('[ERR_ENGINE_FAR]') })
})

test('what was asked for of a run that came to nothing is told scenario by scenario', async () => {
  vi.mocked(playRun).mockImplementationOnce(async (_legs, { folder }) => {
    playedWell(folder)
    rmSync(join(folder, OWN), { recursive: true })
    throw new EnvironmentError('Compose could not.', { code: 'ERR_COMPOSE_UP' })
  })
  vi.mocked(remove).mockRejectedValueOnce(new Error('the network is in use'))
  await expect(drill([OWN])).rejects.toMatchObject({ code: 'ERR_COMPOSE_UP' })
  const { summary, junit } = reported()
  expect(summary).toMatchObject({
    exitCode: 3,
    leftBehind: 'the network is in use',
    scenarios: [{ name: OWN, because: 'It could not be played: Compose could not. [ERR_COMPOSE_UP]' }],
  })
  // The scenario's own, and the run's: it alone tells what was left behind.
  expect(junit.match(/<error /g)).toHaveLength(2)
  expect(junit).toContain('the network is in use')
})

test('what failed before the rest could not be played is told, and is exit code 1', async () => {
  vi.mocked(playRun).mockImplementationOnce(async (_legs, { folder }) => {
    playedWell(folder)
    const history = join(folder, OWN, 'history.jsonl')
    writeFileSync(history, readFileSync(history, 'utf8').replace('"p99":"1s"', '"p99":"0ms"'))
    throw new Error('spawn EAGAIN')
  })
  let summary: unknown
  vi.mocked(judgeAndReport).mockImplementationOnce(async (folder) => {
    summary = (await judgeRun(folder)).summary
    return 1
  })
  expect(await drill([OWN])).toBe(1)
  expect(summary).toMatchObject({ outcome: 'fail', exitCode: 1, couldNotRun: expect.stringContaining('spawn EAGAIN') })
  expect(vi.mocked(remove)).toHaveBeenCalled()
})

test('whoever only lists makes no run, whatever comes of it', async () => {
  const runs = readdirSync(RUNS.folder).length
  await drill(['--list'])
  await expect(drill(['--plan', '--suite', 'smokes'])).rejects.toMatchObject({ code: 'ERR_NO_SUITE' })
  expect(readdirSync(RUNS.folder)).toHaveLength(runs)
})

/** What `--plan` says, line by line. */
const planned = async (...argv: readonly string[]): Promise<readonly string[]> => {
  vi.mocked(console.log).mockClear()
  await drill([...argv, '--plan'])
  return vi.mocked(console.log).mock.calls.flatMap(([line]) => String(line).split('\n'))
}

test('a plan says what will not be played, and why, as the run would', async () => {
  const said = await planned('config-store-quorum-lost', 'frozen-node')
  expect(said.map((line) => line.split(' ')[0])).toEqual(['frozen-node', 'skipped', 'on'])
  expect(said[1]).toBe('skipped config-store-quorum-lost: The deployment high-availability is not etcd.')
})

test('a plan of what applies nowhere is refused as the run would be', async () => {
  await expect(drill(['config-store-quorum-lost', '--plan'])).rejects.toMatchObject({ code: 'ERR_NO_SCENARIO' })
})

test('a plan says how often a leg is played that is played more than once', async () => {
  expect((await planned('--suite', 'nightly')).filter((line) => line.endsWith('times'))).toEqual([
    'high-availability GATEWAY_TIMINGS=lab, each 30 times',
  ])
  expect(await planned('frozen-node', '--times', '5')).toContain('high-availability, each 5 times')
})

test('of a suite a plan says what has no need to be played', async () => {
  expect(await planned('--suite', 'upgrade', ...CONTROL_PLANE_ALONE)).toContain(
    'skipped upgrade-rollback: The deployment high-availability has FIREDRILL_UPGRADE_TO=control-plane=b, and the claim is about FIREDRILL_UPGRADE_TO=data-plane=*.',
  )
})

test.each([
  ['a suite that nobody wrote', ['--suite', 'smokes'], 'ERR_NO_SUITE'],
  ['a flag that is not ours', ['--cals', 'file'], 'ERR_FLAG'],
])('%s is the newest run too, and its report says why', async (_, argv, code) => {
  mkdirSync(join(RUNS.folder, 'fd-yesterday'))
  symlinkSync('fd-yesterday', latest())
  await expect(drill(argv)).rejects.toMatchObject({ code })
  expect(readlinkSync(latest())).not.toBe('fd-yesterday')
  const { summary } = reported()
  expect(summary).toMatchObject({ exitCode: 3, couldNotRun: expect.stringContaining(`[${code}]`) })
})

test('two drills of one second have two names, also where their processes have one number', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-27T12:00:00Z') })
  await drill([OWN])
  await drill([OWN]).finally(() => vi.useRealTimers())
  const names = vi.mocked(playRun).mock.calls.map(([, { run }]) => run)
  expect(names).toEqual([1, 2].map(() => expect.stringMatching(/^fd-20261127-120000-[0-9a-f]{6}$/)))
  expect(new Set(names).size).toBe(2)
})

test('a run that was refused while another was played is not the newest that was', async () => {
  let played = ''
  vi.mocked(playRun).mockImplementationOnce(async (_legs, { folder }) => {
    played = folder
    playedWell(folder)
    rmSync(join(RUNS.folder, 'latest'))
    symlinkSync('fd-refused', join(RUNS.folder, 'latest'))
  })
  await drill([OWN])
  expect(join(RUNS.folder, readlinkSync(join(RUNS.folder, 'latest')))).toBe(played)
})

test('what a drill that was interrupted may have asked of the engine last is waited for, and removed too', async () => {
  vi.mocked(playRun).mockImplementationOnce(async () => void process.emit('SIGINT'))
  await drill(['frozen-node'])
  expect(removeForGood).toHaveBeenCalledOnce()
  expect(remove).not.toHaveBeenCalled()
})
