import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { optionsFrom } from '../options.ts'
import { drillFlags } from './flags.ts'

const file = join(mkdtempSync(join(tmpdir(), 'firedrill-flags-')), 'calls.json')

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a file of calls is read before anything is done, and workers are told where it lies', async () => {
  writeFileSync(file, '[{ "path": "/orders", "headers": { "authorization": "Bearer s3cret" } }]')
  const { mix, variables } = await drillFlags(['--calls', relative(process.cwd(), file)])
  expect(mix).toMatchObject({ kind: 'profile', requests: [{ path: '/orders' }] })
  expect(variables).toEqual({ FIREDRILL_CALLS: file })
})

test('a file of calls that cannot be meant is refused', async () => {
  writeFileSync(file, '[{ "path": "orders" }]')
  await expect(drillFlags(['--calls', file])).rejects.toMatchObject({ name: 'ScenarioError', code: 'ERR_CALLS' })
})

test('a flag that is not ours is refused, and those that are ours are listed', async () => {
  await expect(drillFlags(['--cals', file])).rejects.toThrow(/--calls/)
})

test.each([
  [['--suite', 'smoke', 'frozen-node']],
  [['--suite', 'smoke', '--all']],
  [['--suite', 'smoke', '--stack', 'etcd']],
])('a suite says what is played and where: %s is refused', async (argv) => {
  await expect(drillFlags(argv)).rejects.toMatchObject({ code: 'ERR_FLAG' })
})

test('a suite is taken by its name, and one that nobody wrote is refused', async () => {
  expect((await drillFlags(['--suite', 'smoke'])).suite).toMatchObject({ name: 'smoke' })
  await expect(drillFlags(['--suite', 'smokes'])).rejects.toMatchObject({ code: 'ERR_NO_SUITE' })
})

test('an upgrade is told from where to where, both or neither', async () => {
  const { variables } = await drillFlags(['rolling-upgrade', '--from', 'gateway=a', '--to', 'gateway=b'])
  expect(variables).toEqual({ FIREDRILL_UPGRADE_FROM: 'gateway=a', FIREDRILL_UPGRADE_TO: 'gateway=b' })
  await expect(drillFlags(['--to', 'gateway=b'])).rejects.toMatchObject({ code: 'ERR_FLAG' })
  const halfTheSame = drillFlags(['--from', 'control-plane=a,data-plane=a', '--to', 'control-plane=a, data-plane=b'])
  await expect(halfTheSame).rejects.toThrow('--from and --to both say control-plane=a: leave out of --to')
})

const UPGRADE = ['--from', 'gateway=a', '--to', 'gateway=b']

test.each([[[]], [['control-plane-restored', 'frozen-node']], [['--suite', 'smoke']], [['--plan']]])(
  'images to upgrade to are refused where no scenario would upgrade anything: %j',
  async (argv) => {
    const because = 'name rolling-upgrade or upgrade-rollback, or play --suite upgrade'
    await expect(drillFlags([...argv, ...UPGRADE])).rejects.toMatchObject({
      name: 'ScenarioError',
      code: 'ERR_FLAG',
      message: expect.stringContaining(because),
    })
  },
)

test.each([[['frozen-node', 'upgrade-rollback']], [['--suite', 'upgrade']], [['--all']], [['--list']]])(
  'images to upgrade to are taken where one of the scenarios upgrades: %j',
  async (argv) => {
    await expect(drillFlags([...argv, ...UPGRADE])).resolves.toMatchObject({
      variables: { FIREDRILL_UPGRADE_TO: 'gateway=b' },
    })
  },
)

test('what a suite of upgrades would play is listed without images, and played with them alone', async () => {
  await expect(drillFlags(['--suite', 'upgrade', '--list'])).resolves.toMatchObject({ list: true, variables: {} })
  await expect(drillFlags(['--suite', 'upgrade'])).rejects.toMatchObject({ code: 'ERR_FLAG' })
})

test('images that the environment names are taken whatever is played: it is set for many commands', async () => {
  vi.stubEnv('FIREDRILL_UPGRADE_TO', 'gateway=b')
  await expect(drillFlags(['frozen-node'])).resolves.toMatchObject({ names: ['frozen-node'] })
})

test.each([
  ['null', 'holds null'],
  ['[1]', 'holds [1]'],
  ['{', 'is not JSON'],
  ['{ "data-plane-failovr": { "p99": "1ms" } }', 'has limits for data-plane-failovr: expected scenarios among both-'],
  ['{ "data-plane-failover": null }', 'has null for data-plane-failover: expected an object'],
  ['{ "data-plane-failover": 5 }', 'has 5 for data-plane-failover: expected an object'],
  ['{ "data-plane-failover": { "p98": "1ms" } }', 'demand p98: expected objectives among fullOutage'],
  ['{ "data-plane-failover": { "p99": "fast" } }', `demand p99 "fast": expected a duration as '250ms' or a multiple`],
  ['{ "data-plane-failover": { "p99VsSteady": "1ms" } }', `demand p99VsSteady "1ms": expected a multiple as '2x'`],
  ['{ "data-plane-failover": { "lostCalls": "none" } }', 'demand lostCalls "none": expected a number from 0 on'],
  ['{ "data-plane-failover": { "survivors": -1 } }', 'demand survivors -1: expected a number from 0 on'],
  ['{ "data-plane-failover": { "availability": 99.9 } }', 'demand availability 99.9: expected a share from 0 to 1'],
  ['{ "data-plane-failover": { "ejection": 5 } }', `demand ejection 5: expected a duration as '250ms'`],
])("a team's limits that would never be applied are refused: %s", async (text, because) => {
  writeFileSync(file, text)
  const refused = { name: 'ScenarioError', code: 'ERR_OBJECTIVES', message: expect.stringContaining(because) }
  await expect(drillFlags(['--objectives', file])).rejects.toMatchObject(refused)
  vi.stubEnv('FIREDRILL_OBJECTIVES', text)
  await expect(drillFlags([])).rejects.toMatchObject(refused)
})

test("a file of a team's limits that is not there is refused with what the system said", async () => {
  await expect(drillFlags(['--objectives', `${file}.none`])).rejects.toThrow(
    /\.none cannot be read \(ENOENT\)\. \[ERR_OBJECTIVES\]$/,
  )
})

test("a team's limits reach the workers", async () => {
  const limits = { 'data-plane-failover': { p99: '2x', lostCalls: 0 }, soak: { uiStall: '1s', imbalance: '1.5x' } }
  writeFileSync(file, JSON.stringify(limits))
  const { variables } = await drillFlags(['--objectives', file])
  expect(optionsFrom(variables).objectives).toEqual(limits)
})

test.each([
  [{ FIREDRILL_DEADLINE: '2' }, "--deadline is '2': expected a duration above 0"],
  [{ FIREDRILL_DEADLINE: '0ms' }, "--deadline is '0ms': expected a duration above 0"],
  [{ FIREDRILL_SOAK: 'abc' }, "FIREDRILL_SOAK is 'abc': expected a duration above 0"],
  [{ FIREDRILL_OBJECTIVES: '{' }, /^FIREDRILL_OBJECTIVES is not JSON: .*line 1 column 2\)\./],
])('%j is refused in a sentence', (env, because) => {
  expect(() => optionsFrom(env)).toThrow(
    expect.objectContaining({ name: 'ScenarioError', message: expect.stringMatching(because) }),
  )
})

test.each([
  'stack',
  'rate',
  'times',
  'seed',
  'deadline',
  'defect',
  'suite',
  'objectives',
  'calls',
  'rerun-inconclusive',
])('a --%s with nothing in it is refused, and not taken for the default', async (flag) => {
  for (const value of ['', ' ']) {
    const refused = { name: 'ScenarioError', code: 'ERR_FLAG', message: expect.stringContaining(`--${flag} is empty`) }
    await expect(drillFlags([`--${flag}`, value])).rejects.toMatchObject(refused)
  }
})

test.each([
  [['--keep'], {}, '--keep leaves what proved nothing as it is'],
  [[], { FIREDRILL_KEEP: '1' }, '--keep leaves what proved nothing as it is'],
  [['--times', '5'], {}, 'of --times each playing counts'],
])('playing again is refused where nothing would be played again: %j, %j', async (argv, env, because) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const refused = { name: 'ScenarioError', code: 'ERR_FLAG', message: expect.stringContaining(because) }
  await expect(drillFlags(['--rerun-inconclusive', '2', ...argv])).rejects.toMatchObject(refused)
  await expect(drillFlags(['--rerun-inconclusive', '0', ...argv])).resolves.toMatchObject({ reruns: 0 })
  await expect(drillFlags(argv)).resolves.toMatchObject({ reruns: 1 })
})
