import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { Event } from './event.ts'
import { openRecorder } from './recorder.ts'
import { createRedactor } from './redact.ts'

const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'firedrill-history-')), 'history.jsonl')
const linesOf = (file: string): readonly string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1)
const step = (at: number, title = 'stop control-plane-1'): Event => ({ kind: 'step', at, id: 1, stage: 'begin', title })

test('an event is one line with its time first, in the file within 200 ms', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
  try {
    const file = newFile()
    const recorder = openRecorder(file, createRedactor())
    recorder.record(step(12.34567891))
    vi.advanceTimersByTime(200)
    expect(linesOf(file)).toEqual(['{"at":12.346,"kind":"step","id":1,"stage":"begin","title":"stop control-plane-1"}'])
    recorder.close()
  } finally {
    vi.useRealTimers()
  }
})

test('a synced event is in the file when it resolves, after everything recorded before it', async () => {
  const file = newFile()
  const recorder = openRecorder(file, createRedactor())
  recorder.record(step(1))
  const synced = recorder.recordSynced(step(2))
  recorder.record(step(3))
  await synced
  expect(
    linesOf(file)
      .slice(0, 2)
      .map((line) => JSON.parse(line).at),
  ).toEqual([1, 2])
  recorder.close()
  expect(linesOf(file).map((line) => JSON.parse(line).at)).toEqual([1, 2, 3])
})

test('observers hear every event from their subscription on, until they leave', () => {
  const recorder = openRecorder(newFile(), createRedactor())
  const heard: number[] = []
  recorder.record(step(1))
  const leave = recorder.subscribe((event) => heard.push(event.at))
  recorder.record(step(2))
  leave()
  recorder.record(step(3))
  expect(heard).toEqual([2])
  expect(recorder.events().map((event) => event.at)).toEqual([1, 2, 3])
  recorder.close()
})

test('a secret reaches observers and not the file', () => {
  const file = newFile()
  const recorder = openRecorder(file, createRedactor(['hunter2!']))
  recorder.record(step(1, 'sign in with hunter2!'))
  recorder.close()
  expect(readFileSync(file, 'utf8')).toContain('sign in with [redacted]')
  expect(recorder.events()[0]).toMatchObject({ title: 'sign in with hunter2!' })
})

test('a full disk is told by lost, by a synced event and by close, and stops nobody who records', async () => {
  const recorder = openRecorder('/dev/full', createRedactor())
  recorder.record(step(1))
  await expect(recorder.recordSynced(step(2))).rejects.toThrow(
    /\/dev\/full took all but the last \d+ bytes \(ENOSPC.*ERR_HISTORY_WRITE/,
  )
  expect(recorder.lost()).toMatch(/ENOSPC/)
  expect(recorder.events()).toHaveLength(2)
  expect(() => recorder.close()).toThrow(/ERR_HISTORY_WRITE/)
})

test('a history is never written over another', () => {
  const file = newFile()
  const recorder = openRecorder(file, createRedactor())
  recorder.record(step(1))
  recorder.close()
  expect(() => openRecorder(file, createRedactor())).toThrow(/ERR_HISTORY_EXISTS/)
})
