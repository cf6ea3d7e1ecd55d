// The program by which no service starts while packages are installed: no service of the machine could, were it left there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withoutServices } from './test-servers.ts'

let folder = ''
let policy = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-policy-'))
  policy = join(folder, 'policy-rc.d')
})

afterEach(() => rmSync(folder, { recursive: true }))

/** What is there while something is installed. */
const during = async (): Promise<string> => {
  let meanwhile = ''
  await withoutServices(async () => {
    meanwhile = readFileSync(policy, 'utf8')
  }, policy)
  return meanwhile
}

test('is there meanwhile and gone afterwards, also where the installation fails', async () => {
  expect(await during()).toMatch(/^#!\/bin\/sh\n.*\nexit 101\n$/)
  expect(existsSync(policy)).toBe(false)
  await expect(withoutServices(() => Promise.reject(new Error('No such package.')), policy)).rejects.toThrow('No such')
  expect(existsSync(policy)).toBe(false)
})

test('of somebody else is left as it is', async () => {
  writeFileSync(policy, '#!/bin/sh\nexit 101\n')
  expect(await during()).toBe('#!/bin/sh\nexit 101\n')
  expect(existsSync(policy)).toBe(true)
})

test('that cannot be read is somebody else’s', async () => {
  mkdirSync(policy)
  await withoutServices(async () => {}, policy)
  expect(existsSync(policy)).toBe(true)
})

test('that an installation of ours left, which was killed, is taken over and goes', async () => {
  writeFileSync(policy, await during())
  await during()
  expect(existsSync(policy)).toBe(false)
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'goes where %s ends the installation, which ends by it',
  async (signal) => {
    const module = new URL('./test-servers.ts', import.meta.url).href
    const program = `import(${JSON.stringify(module)}).then(({ withoutServices }) => withoutServices(() => new Promise(() => setInterval(() => {}, 1000)), ${JSON.stringify(policy)}))`
    const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' })
    await vi.waitFor(() => expect(existsSync(policy)).toBe(true), { timeout: 10_000 })
    child.kill(signal)
    expect((await once(child, 'exit'))[1]).toBe(signal)
    expect(existsSync(policy)).toBe(false)
  },
)
