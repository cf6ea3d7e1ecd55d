// The command's exit code where something failed that nobody waited for.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const CLI = join(import.meta.dirname, 'cli.ts')

/** Plays nothing, and fails once it is through. */
const listed = (failure: string, meanwhile = '') => {
  const stray = `data:text/javascript,${meanwhile};process.once('beforeExit',()=>{${failure}})`
  return spawnSync(process.execPath, ['--import', stray, CLI, 'drill', '--list'], { encoding: 'utf8', timeout: 15_000 })
}

test.each([
  ['an error', 'throw new Error("it strayed")'],
  ['a rejection', 'Promise.reject(new Error("it strayed"))'],
])('%s that nobody waited for is no failed objective: it is told, with exit code 3', (_, failure) => {
  const { status, stderr } = listed(failure)
  expect([status, stderr]).toEqual([3, expect.stringContaining('it strayed')])
})

test('it leaves once its verb is through, though somebody never answers', () => {
  const { status, signal } = listed('', 'setInterval(()=>{},1000)')
  expect([status, signal]).toEqual([0, null])
})

test.each([1, 2])('a verdict that was told before stands: exit code %i', (exitCode) => {
  const { status } = listed(`process.exitCode=${exitCode};throw new Error("it strayed")`)
  expect(status).toBe(exitCode)
})
