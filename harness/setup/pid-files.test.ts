import { existsSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clearPidFiles, readPidFile } from './pid-files.ts'

let folder: string
let file: { readonly path: string; readonly program: string }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-pid-'))
  file = { path: join(folder, 'docker.pid'), program: 'dockerd' }
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** Puts a process into a process table of our own. */
const runs = async (pid: number, comm: string, state = 'S'): Promise<void> => {
  await mkdir(join(folder, 'proc', String(pid)), { recursive: true })
  await writeFile(join(folder, 'proc', String(pid), 'stat'), `${pid} (${comm}) ${state} 1 ${pid} ${pid} 0 -1 0`)
}

const clear = (limitMs = 100) => clearPidFiles([file], { limitMs, procRoot: join(folder, 'proc') })
const read = () => readPidFile(file, join(folder, 'proc'))

test('a pid file that names nobody is deleted', async () => {
  await writeFile(file.path, '4711')
  expect(await read()).toEqual({ state: 'stale', because: 'process 4711 is gone' })
  expect(await clear()).toEqual([])
  expect(existsSync(file.path)).toBe(false)
})

test('a pid file whose number another program has by now is deleted', async () => {
  await writeFile(file.path, '4711\n')
  await runs(4711, 'sshd')
  expect(await read()).toEqual({ state: 'stale', because: 'process 4711 is sshd, not dockerd' })
  expect(await clear()).toEqual([])
  expect(existsSync(file.path)).toBe(false)
})

test('a pid file that names a live dockerd is kept, and the process told', async () => {
  await writeFile(file.path, '4711')
  await runs(4711, 'dockerd')
  expect(await clear()).toEqual([{ program: 'dockerd', pid: 4711 }])
  expect(existsSync(file.path)).toBe(true)
})

test('a dockerd on its way out is waited for, and its pid file deleted then', async () => {
  await writeFile(file.path, '4711')
  await runs(4711, 'dockerd')
  const startedAt = performance.now()
  const leaves = setTimeout(() => rmSync(join(folder, 'proc/4711'), { recursive: true }), 200)
  expect(await clear(5000)).toEqual([])
  clearTimeout(leaves)
  expect(performance.now() - startedAt).toBeGreaterThan(150)
  expect(existsSync(file.path)).toBe(false)
})

test('a zombie is gone: it will never listen again', async () => {
  await writeFile(file.path, '4711')
  await runs(4711, 'dockerd', 'Z')
  expect(await read()).toEqual({ state: 'stale', because: 'process 4711 is a zombie' })
})

test('a program whose name holds brackets and blanks is read whole', async () => {
  await writeFile(file.path, '4711')
  await runs(4711, 'a) Z (b')
  expect(await read()).toEqual({ state: 'stale', because: 'process 4711 is a) Z (b, not dockerd' })
})

test('a pid file without a number is stale, and none at all is missing', async () => {
  expect(await read()).toEqual({ state: 'missing' })
  await writeFile(file.path, '')
  expect(await read()).toEqual({ state: 'stale', because: 'it names no process' })
})

test('other files beside a pid file stay: a new engine replaces its sockets itself', async () => {
  await writeFile(file.path, '4711')
  await writeFile(join(folder, 'docker.sock'), '')
  await clear()
  expect(existsSync(join(folder, 'docker.sock'))).toBe(true)
})
