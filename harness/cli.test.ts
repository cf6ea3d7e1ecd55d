// The command's exit code where something failed that nobody waited for.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const CLI = join(import.meta.dirname, 'cli.ts')

/** Plays nothing, with a module of ours beside it. */
const listed = (beside: string) =>
  spawnSync(process.execPath, ['--import', `data:text/javascript,${beside}`, CLI, 'drill', '--list'], {
    encoding: 'utf8',
    timeout: 15_000,
  })

/** While the verb is being loaded: from when on strays are heard. */
const meanwhile = (failure: string): string =>
  `process.on('newListener',(name)=>{if(name==='uncaughtException')setImmediate(()=>{${failure}})})`

/** Once the verb is through. */
const afterwards = (failure: string): string => `process.once('beforeExit',()=>{${failure}})`

test.each([
  ['an error', 'throw new Error("it strayed")'],
  ['a rejection', 'Promise.reject(new Error("it strayed"))'],
])('%s that nobody waited for is no failed objective: it is told, with exit code 3', (_, failure) => {
  const { status, stderr } = listed(meanwhile(failure))
  expect([status, stderr]).toEqual([3, expect.stringContaining('it strayed')])
})

test('it leaves once its verb is through, though somebody never answers', () => {
  const { status, signal } = listed('setInterval(()=>{},1000)')
  expect([status, signal]).toEqual([0, null])
})

test.each([0, 1, 2])('a verdict that was told before stands: exit code %i', (exitCode) => {
  const { status, stderr } = listed(afterwards(`process.exitCode=${exitCode};throw new Error("it strayed")`))
  expect([status, stderr]).toEqual([exitCode, expect.stringContaining('it strayed')])
})

test.each([
  [['drill', 'data-plane-failover', '--help'], 0, 'stdout', 'npm run drill -- [names of scenarios]'],
  [['help', 'clean'], 0, 'stdout', 'npm run clean -- [names of runs]'],
  // A pass is exit code 0, and nothing was asked for.
  [[], 3, 'stderr', 'npm run rejudge -- reports/runs/RUN'],
] as const)('%j is told what there is, and nothing is done: exit code %i', (argv, exitCode, stream, said) => {
  const { status, ...told } = spawnSync(process.execPath, [CLI, ...argv], { encoding: 'utf8', timeout: 15_000 })
  expect([status, told[stream]]).toEqual([exitCode, expect.stringContaining(said)])
})
