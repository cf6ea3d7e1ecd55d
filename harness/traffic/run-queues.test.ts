import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRunQueues, type RunQueues } from './run-queues.ts'

const GATEWAY = 'a'.repeat(64)
const DATABASE = 'b'.repeat(64)
const OWN = 500

let proc = ''

beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'firedrill-run-queues-test-'))
  runs(OWN, { waitedMs: [0] })
  writeFileSync(join(proc, `${OWN}/schedstat`), '1000 0 1\n')
})

afterEach(() => rmSync(proc, { recursive: true }))

interface Process {
  /** By thread: the first has the process's own number. */
  readonly waitedMs: readonly number[]
  readonly container?: string
  readonly command?: string
  readonly parent?: number
  /** Its number in the container; none where it has no numbers of its own. */
  readonly inside?: number
}

/** Writes a process as the kernel shows it. */
const runs = (pid: number, { waitedMs, container, command = 'node', parent = 1, inside }: Process): void => {
  mkdirSync(join(proc, String(pid)), { recursive: true })
  writeFileSync(join(proc, `${pid}/stat`), `${pid} (${command}) S ${parent} 1 1 0 -1\n`)
  writeFileSync(
    join(proc, `${pid}/status`),
    `Name:\t${command}\nNSpid:\t${pid}${inside ? `\t${inside}` : ''}\nVmPeak:\t7 kB\n`,
  )
  writeFileSync(join(proc, `${pid}/cgroup`), container ? `3:cpu:/docker/${container}\n0::/\n` : '0::/\n')
  for (const [i, ms] of waitedMs.entries()) {
    mkdirSync(join(proc, `${pid}/task/${pid + i}`), { recursive: true })
    writeFileSync(join(proc, `${pid}/task/${pid + i}/schedstat`), `77 ${ms * 1e6} 3\n`)
  }
}

/** How often a group was held, in a hierarchy of version 1 or 2. */
const holds = (group: string, times: number): void => {
  mkdirSync(join(proc, 'groups', group), { recursive: true })
  writeFileSync(join(proc, 'groups', group, 'cpu.stat'), `nr_periods 9\nnr_throttled ${times}\nthrottled_time 7\n`)
}

/** Searched once, with the gateway named. */
const watched = (expected: readonly string[] = []): RunQueues => {
  const queues = createRunQueues({ proc, groups: join(proc, 'groups'), own: OWN, expected })
  queues.find(0)
  queues.name(GATEWAY, 'data-plane-1')
  queues.name(DATABASE, 'database-1')
  return queues
}

test('who waited is told since the look before, all threads added up, the first one beside it, and not what they had waited until then', () => {
  runs(10, { container: GATEWAY, waitedMs: [100, 40] })
  const queues = watched()
  runs(10, { container: GATEWAY, waitedMs: [107, 43] })
  expect(queues.look(25)).toEqual({ 'data-plane-1': [10, -7, 7] })
  runs(10, { container: GATEWAY, waitedMs: [109, 43] })
  expect(queues.look(50)).toEqual({ 'data-plane-1': [2, 23, 2] })
})

test('a wait is counted when it is over: it may have begun as long before the last look as it took', () => {
  runs(10, { container: GATEWAY, waitedMs: [0] })
  const queues = watched()
  expect(queues.look(25)).toEqual({})
  expect(queues.look(50)).toEqual({})
  runs(10, { container: GATEWAY, waitedMs: [300] })
  // Idle, it was passed by at 50: it was read at 25.
  const [ms, since] = queues.look(75)?.['data-plane-1'] ?? []
  expect([ms, since]).toEqual([300, -275])
})

test('a thread that waits for nothing is read at every fourth look, and at each one as long as it does', () => {
  runs(10, { container: GATEWAY, waitedMs: [0] })
  const queues = watched()
  // Read at 25, 75 and 175.
  for (let at = 25; at <= 175; at += 25) queues.look(at)
  runs(10, { container: GATEWAY, waitedMs: [5] })
  const told = [200, 225, 250, 275].map((at) => queues.look(at))
  expect(told).toEqual([{}, {}, {}, { 'data-plane-1': [5, 170, 5] }])
  runs(10, { container: GATEWAY, waitedMs: [6] })
  expect(queues.look(300)).toEqual({ 'data-plane-1': [1, 274, 1] })
})

test('one that was born since has waited since the last search at the earliest, and all that it has', () => {
  const queues = watched()
  queues.find(500)
  runs(10, { container: GATEWAY, waitedMs: [8] })
  queues.find(1000)
  expect(queues.look(1000)).toEqual({ 'data-plane-1': [8, 492, 8] })
})

test('one that ended is forgotten, and another with its number is a new one', () => {
  runs(10, { container: GATEWAY, waitedMs: [50] })
  const queues = watched()
  rmSync(join(proc, '10'), { recursive: true })
  queues.find(500)
  runs(10, { container: DATABASE, waitedMs: [3] })
  queues.find(1000)
  expect(queues.look(1000)).toEqual({ 'database-1': [3, expect.any(Number), 3] })
})

test('a container that nobody has named is asked for until somebody has, and its waits are told then', () => {
  const queues = createRunQueues({ proc, own: OWN, expected: [] })
  queues.find(0)
  runs(10, { container: GATEWAY, waitedMs: [6] })
  expect(queues.find(500)).toEqual([GATEWAY])
  expect(queues.look(500)).toEqual({})
  expect(queues.find(1000)).toEqual([GATEWAY])
  queues.name(GATEWAY, 'data-plane-1')
  expect(queues.find(1500)).toEqual([])
  expect(queues.look(1500)).toEqual({ 'data-plane-1': [6, -6, 6] })
})

test('one that does not matter is not asked for again, and never told', () => {
  runs(10, { container: GATEWAY, waitedMs: [0] })
  const queues = createRunQueues({ proc, own: OWN, expected: [] })
  expect(queues.find(0)).toEqual([GATEWAY])
  queues.name(GATEWAY, null)
  runs(10, { container: GATEWAY, waitedMs: [9] })
  expect(queues.find(500)).toEqual([])
  expect(queues.look(500)).toEqual({})
})

test('the browser is what the harness started, and what that started; the kernel is who passes packets; nobody else counts', () => {
  runs(600, { parent: OWN, waitedMs: [0, 0], command: 'chromium (main)' })
  runs(601, { parent: 600, waitedMs: [0] })
  runs(12, { parent: 2, waitedMs: [0], command: 'ksoftirqd/0' })
  runs(13, { parent: 2, waitedMs: [0], command: 'kworker/0:1' })
  runs(700, { waitedMs: [0], command: 'dockerd' })
  const queues = watched()
  for (const [pid, parent, command] of [
    [OWN, 1, 'node'],
    [600, OWN, 'chromium (main)'],
    [601, 600, 'node'],
    [12, 2, 'ksoftirqd/0'],
    [13, 2, 'kworker/0:1'],
    [700, 1, 'dockerd'],
  ] as const)
    runs(pid, { parent, command, waitedMs: [4] })
  // Of theirs the first thread alone is read.
  runs(600, { parent: OWN, waitedMs: [4, 90], command: 'chromium (main)' })
  expect(queues.look(25)).toEqual({ harness: [4, -4, 4], browser: [8, -4, 4], kernel: [4, -4, 4] })
})

test('of a node with several processes the one whose first thread waited longest tells how long it may have served nobody', () => {
  for (const pid of [10, 20]) runs(pid, { container: GATEWAY, waitedMs: [0, 0] })
  const queues = watched()
  runs(10, { container: GATEWAY, waitedMs: [3, 9] })
  runs(20, { container: GATEWAY, waitedMs: [5, 2] })
  expect(queues.look(25)).toEqual({ 'data-plane-1': [19, -9, 5] })
})

test('a process that begins outside of its container is found in it at the next search', () => {
  runs(10, { waitedMs: [0], command: 'runc' })
  const queues = watched()
  runs(10, { container: GATEWAY, waitedMs: [4] })
  queues.find(1000)
  expect(queues.look(1000)).toEqual({ 'data-plane-1': [4, -4, 4] })
})

test('a mother may have the higher number', () => {
  runs(900, { container: GATEWAY, inside: 1, waitedMs: [0] })
  runs(10, { container: GATEWAY, inside: 7, parent: 900, waitedMs: [0] })
  const queues = watched()
  runs(10, { container: GATEWAY, inside: 7, parent: 900, waitedMs: [8] })
  expect(queues.look(25)).toEqual({ 'data-plane-1': [8, -8, 8] })
})

test('what somebody outside starts in a container, as a health check is, does not count: its first process does, and what that starts', () => {
  const all = [
    [10, { container: GATEWAY, inside: 1 }],
    [11, { container: GATEWAY, inside: 7, parent: 10 }],
    [12, { container: GATEWAY, inside: 42, parent: 1 }],
    [13, { container: GATEWAY, inside: 43, parent: 12 }],
  ] as const
  for (const [pid, process] of all) runs(pid, { ...process, waitedMs: [0] })
  const queues = watched()
  for (const [pid, process] of all) runs(pid, { ...process, waitedMs: [pid] })
  expect(queues.look(25)).toEqual({ 'data-plane-1': [10 + 11, -11, 11] })
})

describe('nobody is named', () => {
  test('until every container of the deployment was seen to run here', () => {
    runs(10, { container: GATEWAY, waitedMs: [0] })
    const queues = watched([GATEWAY, DATABASE])
    expect(queues.look(25)).toBeNull()
    runs(11, { container: DATABASE, waitedMs: [0] })
    queues.find(500)
    expect(queues.look(525)).toEqual({})
  })

  test('where the kernel does not count', () => {
    writeFileSync(join(proc, `${OWN}/schedstat`), '0 0 0\n')
    expect(watched().look(25)).toBeNull()
  })

  test('where a thread is to be seen and not to be read', () => {
    runs(10, { container: GATEWAY, waitedMs: [0] })
    rmSync(join(proc, '10/task'), { recursive: true })
    writeFileSync(join(proc, '10/task'), '')
    expect(watched().look(25)).toBeNull()
  })

  test('nor where a process is to be seen and not to be looked at', () => {
    mkdirSync(join(proc, '10/stat'), { recursive: true })
    expect(watched().look(25)).toBeNull()
  })

  test('nor where it cannot be read any more, though it did not end', () => {
    runs(10, { container: GATEWAY, waitedMs: [0] })
    const queues = watched()
    const schedstat = join(proc, '11/task/11/schedstat')
    runs(11, { container: GATEWAY, waitedMs: [0] })
    rmSync(schedstat)
    mkdirSync(schedstat)
    queues.find(1000)
    expect(queues.look(1000)).toBeNull()
  })

  test('where there is nothing to read', () => {
    const queues = createRunQueues({ proc: join(proc, 'none'), own: OWN, expected: [] })
    expect(queues.find(0)).toEqual([])
    expect(queues.look(25)).toBeNull()
  })
})

describe('a container with a limit of its own', () => {
  test.each([
    ['version 1', `cpu/docker/${GATEWAY}`, `3:cpu:/docker/${GATEWAY}`],
    ['version 1, by the names of all that share it', `cpu,cpuacct/${GATEWAY}`, `3:cpu,cpuacct:/${GATEWAY}`],
    ['version 2', `docker-${GATEWAY}.scope`, `0::/docker-${GATEWAY}.scope`],
  ])(
    'waits for nothing while that holds it, and for a processor as soon as it does not: control groups of %s',
    (_, group, line) => {
      runs(10, { container: GATEWAY, waitedMs: [0] })
      writeFileSync(join(proc, '10/cgroup'), `2:memory:/docker/${GATEWAY}\n${line}\n`)
      holds(group, 4)
      const queues = watched()
      const looks = [
        [25, 20, 4],
        [50, 40, 5],
        [75, 60, 5],
        [100, 80, 5],
      ].map(([at = 0, waitedMs = 0, times = 0]) => {
        runs(10, { container: GATEWAY, waitedMs: [waitedMs] })
        writeFileSync(join(proc, '10/cgroup'), `${line}\n`)
        holds(group, times)
        return queues.look(at)?.['data-plane-1']?.[0]
      })
      expect(looks).toEqual([20, undefined, undefined, 20])
    },
  )

  test('that is not to be found waits for a processor', () => {
    runs(10, { container: GATEWAY, waitedMs: [0] })
    const queues = watched()
    runs(10, { container: GATEWAY, waitedMs: [20] })
    expect(queues.look(25)).toMatchObject({ 'data-plane-1': [20, -20, 20] })
  })
})

test('a short wait of a moment holds nobody up, and is not told', () => {
  runs(10, { container: GATEWAY, waitedMs: [0] })
  const queues = watched()
  runs(10, { container: GATEWAY, waitedMs: [0.1] })
  expect(queues.look(25)).toEqual({})
})
