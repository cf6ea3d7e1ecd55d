// Where a disk may be filled up: what the container says of its mount and of its memory, and what is said of it.
import { expect, test } from 'vitest'
import { disk } from './disk.ts'
import { inMemory, other } from './in-memory.fixture.ts'

const MIB = 2 ** 20

/** A gateway with 16 MiB free in its tmpfs, and what its control group says in lines of its own. */
const checked = (group: readonly string[]): Promise<void> | undefined => {
  const { world } = inMemory()
  const execute = async (_: string, command: readonly string[]) => {
    if (command[0] === 'df') return { exitCode: 0, output: 'tmpfs tmpfs 16384 0 16384 0% /var/tmp' }
    return { exitCode: 0, output: command.join(' ').includes('/sys/fs/cgroup') ? group.join('\n') : '' }
  }
  const runtime = { ...world.runtime, execute }
  return disk({ ...world, runtime }, { path: '/var/tmp' }).check?.(other)
}

/** It holds 40 MiB that the kernel cannot take back, and 20 that it can. */
const holding = (limit: string): readonly string[] => [
  'cpu.max max 100000',
  `memory.max ${limit}`,
  `memory.current ${60 * MIB}`,
  `memory.stat active_file ${20 * MIB}`,
]

test('a tmpfs that holds more than the container may still hold in memory is not filled up: the kernel would end its programs', async () => {
  await expect(checked(holding(`${59 * MIB}`))).rejects.toMatchObject({
    code: 'ERR_DISK',
    message: expect.stringMatching(/16\.0 MiB are free in \/var\/tmp.* 15\.0 MiB.*mem_limit/),
  })
})

test.each([
  ['has room for it in its memory', holding(`${60 * MIB}`)],
  ['has no limit of memory', holding('max')],
  ['says nothing of its memory', []],
])('one that %s is', async (_, group) => {
  await expect(checked(group)).resolves.toBeUndefined()
})
