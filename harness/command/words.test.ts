// Words that a verb does not know are refused before anything is done.
import { expect, test, vi } from 'vitest'
import { clean } from './clean.ts'
import { doctor } from './doctor.ts'
import { drill } from './drill.ts'
import { test as tests } from './test.ts'
import { down, up } from './up.ts'

// Were a word not refused, the verb would do its work.
vi.mock('../fault/clearing.ts', () => ({ clearDead: async () => [], leftAlone: async () => [] }))
vi.mock('../setup/doctor.ts', () => ({ doctor: async () => ({ lines: [], ok: true }) }))
vi.mock('../setup/prepare.ts', () => ({ prepare: () => Promise.reject(new Error('It went on.')) }))
vi.mock('../topology/lease.ts', () => ({ leases: async () => [] }))

test.each([
  ['clean', clean, ['--dry-run'], 'Expected names of runs'],
  ['down', down, ['fd-1'], 'Expected nothing after down'],
  ['doctor', doctor, ['--json'], 'Expected nothing after doctor'],
  ['test', tests, ['--quik'], 'Expected any of --quick, --all'],
  ['test', tests, ['flags'], 'Expected any of --quick, --all'],
  ['test', tests, ['--quick', '--all'], 'leave one of the two away'],
  ['up', up, ['etcd'], 'Expected any of --stack, --defect'],
  ['up', up, ['--keep'], 'Expected any of --stack, --defect'],
] as const)('%s %o %o is refused with what was expected', async (_, verb, argv, because) => {
  const refused = { name: 'ScenarioError', code: 'ERR_FLAG', message: expect.stringContaining(because) }
  await expect(verb(argv)).rejects.toMatchObject(refused)
})

test.each([
  ['drill', drill, ['--list'], { npm_config_objectives: 'team.json' }, 'npm took --objectives for its own'],
  ['drill', drill, ['--list'], { npm_config_rerun_inconclusive: '2' }, 'as in `npm run drill -- --rerun-inconclusive`'],
  ['test', tests, [], { npm_config_quick: 'true', npm_config_all: 'true' }, 'npm run test -- --quick, --all'],
] as const)('%s %o %j: a flag that npm took for its own is refused: %j, %s', async (_, verb, argv, env, because) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const refused = { name: 'ScenarioError', code: 'ERR_FLAG', message: expect.stringContaining(because) }
  await expect(
    Promise.resolve()
      .then(() => verb(argv))
      .finally(() => vi.unstubAllEnvs()),
  ).rejects.toMatchObject(refused)
})

test('what npm has of its own, and a flag that was switched off, are nobody’s business', async () => {
  vi.stubEnv('npm_config_user_agent', 'npm/11')
  vi.stubEnv('npm_config_all', '')
  await expect(drill(['--list']).finally(() => vi.unstubAllEnvs())).resolves.toBe(0)
})

test('what a verb knows is not refused', async () => {
  expect([await clean([]), await down([]), await doctor([])]).toEqual([0, 0, 0])
  await expect(tests(['--quick'])).rejects.toThrow('It went on.')
  await expect(tests(['--all'])).rejects.toThrow('It went on.')
  await expect(up(['--stack', 'etcd', '--defect', 'M01'])).rejects.toThrow('It went on.')
})

test.each([
  ['drill --plan', drill, ['--plan', '--stack', 'nope'], 'ERR_STACK'],
  ['drill --list', drill, ['--list', '--stack', 'nope'], 'ERR_STACK'],
  ['drill --plan', drill, ['--plan', '--defect', 'nope'], 'ERR_DEFECT'],
  ['up', up, ['--stack', 'nope'], 'ERR_STACK'],
  ['up', up, ['--defect', 'nope'], 'ERR_DEFECT'],
] as const)(
  '%s: a deployment that nobody wrote is refused with those there are: %o %o %s',
  async (_, verb, argv, code) => {
    await expect(verb(argv)).rejects.toMatchObject({ name: 'ScenarioError', code })
  },
)
