// A process is known where its number counts, and is unknown elsewhere.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Holder, lifeOf, thisProcess } from './holder.ts'

const own = thisProcess()

test.each<[string, Partial<Holder>, string]>([
  ['this process', {}, 'alive'],
  ['one whose number was given to another', { startTicks: '1' }, 'dead'],
  ['one whose number is nobody’s', { pid: 2 ** 22 + 1 }, 'dead'],
  ['one of before this machine began anew', { boot: 'another' }, 'dead'],
  ['one of before this container began anew', { pids: 'pid:[1]' }, 'dead'],
  ['one of another machine', { boot: 'another', host: 'elsewhere' }, 'unknown'],
  ['one of this machine in a container', { pids: 'pid:[1]', host: 'elsewhere' }, 'unknown'],
  ['this one, where the machine was given another name', { host: 'elsewhere' }, 'alive'],
  ['this one, where the kernel told nothing', { boot: '', pids: '', startTicks: 'unknown' }, 'alive'],
])('%s: %j is %s', (_, more, life) => {
  expect(lifeOf({ ...own, ...more })).toBe(life)
})

describe('where there is no /proc', () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-holder-'))
  const platform = Object.getOwnPropertyDescriptor(process, 'platform') ?? {}

  /** On a Mac whose `ps` does so, where it is asked in the words that are understood everywhere. */
  const onMac = (does: string): void => {
    const words = '[ "$TZ $LC_ALL $1 $2 $3" = "UTC C -o stat=,lstart= -p" ] || exit 1'
    writeFileSync(join(folder, 'ps'), `#!/bin/sh\n${words}\n${does}\n`, { mode: 0o755 })
    vi.stubEnv('PATH', folder)
    Object.defineProperty(process, 'platform', { ...platform, value: 'darwin' })
  }

  afterEach(() => {
    Object.defineProperty(process, 'platform', platform)
    vi.unstubAllEnvs()
    rmSync(join(folder, 'ps'))
  })

  const SINCE = 'S+   Sat Nov 28 22:15:55 2026'

  test('a process is known by when it began, in seconds', () => {
    onMac(`echo "${SINCE}"`)
    expect(thisProcess()).toMatchObject({ pid: process.pid, startTicks: '1795904155' })
  })

  test.each([
    ['began when it did', `echo "${SINCE}"`, 'alive'],
    ['began later: its number was given to another', 'echo "Ss   Sun Nov 29 08:00:01 2026"', 'dead'],
    ['has ended and was not waited for', `echo "${SINCE}" | { read state rest; echo "Z $rest"; }`, 'dead'],
    ['is one of which nobody says anything', 'exit 1', 'alive'],
    ['is one of which nobody says when it began', 'echo "S+ yesterday"', 'alive'],
  ])('one that %s is so: %j, %s', (_, does, life) => {
    onMac(does)
    expect(lifeOf({ ...own, startTicks: '1795904155' })).toBe(life)
  })

  test('a process of which it was not told when it began lives while its number is somebody’s', () => {
    onMac(`echo "${SINCE}"`)
    expect(lifeOf({ ...own, startTicks: 'unknown' })).toBe('alive')
  })
})
