// Runs the callers' program as a plain process for tests: the same three streams, no container.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, vi } from 'vitest'
import { ERROR_CLASSES, type ErrorClass, type Lane } from '../history/call.ts'
import { readLane } from '../history/calls-file.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { clockSince } from '../time/clock.ts'
import { type Callers, callersOver } from './callers.ts'

export interface SpawnedCallers {
  readonly callers: Callers
  readonly recorder: Recorder
  readonly folder: string
  readonly process: ChildProcess
  readonly clock: ReturnType<typeof clockSince>
}

const MAIN = fileURLToPath(new URL('./caller/main.ts', import.meta.url))

/** `execArgv` are Node's own arguments, as in ['--import', 'file:///…']. */
export const spawnProgram = (execArgv: readonly string[] = []): ChildProcess =>
  spawn(process.execPath, [...execArgv, MAIN], { stdio: ['pipe', 'pipe', 'pipe'] })

/** A folder and a record in it, with the run's clock: what callers that belong together share. */
export const openRecord = () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-callers-'))
  const recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor())
  return { folder, recorder, clock: clockSince() }
}

export const spawnCallers = async (
  nodes: readonly string[] = ['data-plane-1', 'data-plane-2'],
  execArgv: readonly string[] = [],
  side: Partial<Parameters<typeof callersOver>[1]> & ReturnType<typeof openRecord> = openRecord(),
): Promise<SpawnedCallers> => {
  const { folder, recorder, clock } = side
  const child = spawnProgram(execArgv)
  const { stdin, stdout, stderr } = child
  if (!stdin || !stdout || !stderr) throw new Error('The program was spawned without pipes.')
  const ended = once(child, 'exit')
  const callers = await callersOver(
    { stdin, stdout, stderr },
    {
      run: 'test-run',
      seed: 1,
      nodes,
      addresses: { '10.0.0.41': 'data-plane-1' },
      ...side,
    },
    async () => {
      await ended
      recorder.close()
    },
  )
  return { callers, recorder, folder, process: child, clock }
}

/** Waits until so many calls of a lane have ended. */
export const untilEnded = ({ callers }: SpawnedCallers, lane: string, count: number): Promise<void> =>
  vi.waitFor(() => expect(callers.live().lanes[lane]?.ended ?? 0).toBeGreaterThanOrEqual(count), {
    timeout: 20_000,
    interval: 10,
  })

/** Closes a lane and reads what its file holds. */
export const closedLane = async ({ callers, folder }: SpawnedCallers, name: string): Promise<Lane> => {
  const { count } = await callers.close(name)
  return readLane(join(folder, 'calls', `${name}.calls`), count)
}

/** How many calls of a lane ended in each class. */
export const classesOf = (lane: Lane): Partial<Record<ErrorClass | 'unrecorded', number>> => {
  const counts: Partial<Record<ErrorClass | 'unrecorded', number>> = {}
  for (let i = 0; i < lane.count; i++) {
    const name = lane.recorded[i] === 1 ? (ERROR_CLASSES[lane.errorClass[i] ?? 0] ?? 'other') : 'unrecorded'
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
