import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { coldAfterRestart } from './cold-restart.ts'
import type { Defects } from './settings.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cold-restart-'))
  vi.useFakeTimers()
})

afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true })
})

/** After how many ms a gateway that starts now asks for what a call is about. */
const startedWith = (coldCallMs: number): number => {
  let askedAt = Number.NaN
  const beganAt = Date.now()
  const answer = coldAfterRestart({ coldCallMs } as Defects, () => (askedAt = Date.now()), folder)
  answer({} as IncomingMessage, {} as ServerResponse)
  vi.runAllTimers()
  return askedAt - beganAt
}

test('a gateway is slow only where one ran before it in the same container, and only where that is asked for', () => {
  expect([startedWith(0), startedWith(0)]).toEqual([0, 0])
  expect([startedWith(120), startedWith(120), startedWith(120)]).toEqual([0, 120, 120])
})
