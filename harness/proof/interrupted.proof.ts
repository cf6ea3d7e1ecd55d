// A drill that is interrupted heals and removes; one that is killed leaves what the next command cleans.
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Drilling, leftBehind, startDrill } from './run-drill.ts'

const untilSaid = async (drilling: Drilling, words: RegExp): Promise<void> => {
  const until = Date.now() + 120_000
  while (!words.test(drilling.said())) {
    if (Date.now() > until || drilling.child.exitCode !== null)
      throw new Error(`The drill never said ${words}. It said:\n${drilling.said().slice(-3000)}`)
    await pause(50)
  }
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

test('a drill killed in the middle of a fault is cleaned by the next command, and not before it is dead', async () => {
  const drilling = startDrill(['drill', 'data-plane-failover'])
  await untilSaid(drilling, /kill of data-plane-\d/)
  await startDrill(['clean']).ended
  expect((await leftBehind()).length).toBeGreaterThan(5)
  end(drilling, 'SIGKILL')
  await drilling.ended
  const cleaned = await startDrill(['clean']).ended
  expect({ exitCode: cleaned.exitCode, left: await leftBehind() }).toEqual({ exitCode: 0, left: [] })
})
