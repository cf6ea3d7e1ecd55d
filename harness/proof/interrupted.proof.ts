// A drill that is interrupted heals and removes; one that is killed leaves that to its warden. Killed with it: healing.proof.ts.
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { type Drilling, leftBehind, startDrill } from './run-drill.ts'

const untilSaid = async (drilling: Drilling, words: RegExp): Promise<void> => {
  const until = Date.now() + 120_000
  while (!words.test(drilling.said())) {
    if (Date.now() > until || drilling.child.exitCode !== null)
      throw new Error(`The drill never said ${words}. It said:\n${drilling.said().slice(-3000)}`)
    await pause(50)
  }
}

/** The wardens that live, by process id. */
const wardens = async (): Promise<readonly number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return pids.filter((_, i) => lines[i]?.includes('warden-program.ts')).map(Number)
}

const end = (drilling: Drilling, signal: NodeJS.Signals): void => {
  if (drilling.child.pid !== undefined) process.kill(-drilling.child.pid, signal)
}

test('Ctrl-C in the middle of a fault leaves nothing behind and does not pass', async () => {
  const drilling = startDrill(['drill', 'data-plane-failover'])
  await untilSaid(drilling, /kill of data-plane-\d/)
  end(drilling, 'SIGINT')
  const { exitCode } = await drilling.ended
  expect({ exitCode, left: await leftBehind() }).toEqual({ exitCode: 2, left: [] })
})

test('a drill killed in the middle of a fault is cleared by its warden within 15 s, and not before it is dead', async () => {
  const drilling = startDrill(['drill', 'data-plane-failover'])
  await untilSaid(drilling, /kill of data-plane-\d/)
  await startDrill(['clean']).ended
  expect((await leftBehind()).length).toBeGreaterThan(5)
  expect(await wardens()).not.toEqual([])
  end(drilling, 'SIGKILL')
  await drilling.ended
  await vi.waitFor(async () => expect(await leftBehind()).toEqual([]), { timeout: 15_000, interval: 250 })
  await vi.waitFor(async () => expect(await wardens()).toEqual([]), { timeout: 2_000, interval: 50 })
})
