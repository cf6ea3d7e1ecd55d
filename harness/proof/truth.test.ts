import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { monotonicMs } from '../time/clock.ts'
import { errorOf, lengthBounds, lengthOf, prolonged, type Truth } from './truth.ts'
import { pulseOf } from './truth-server.ts'

const truth: Truth = { kind: 'stall', askedMs: 100, from: [10, 12], to: [110, 111] }

test('a length is known between the two readings at either end', () => {
  expect(lengthOf(truth)).toBe(99.5)
  expect(lengthBounds(truth)).toEqual([98, 101])
})

test('what the truth itself leaves open is no error', () => {
  expect([97, 98, 100, 101, 103].map((ms) => errorOf(ms, truth))).toEqual([-1, 0, 0, 0, 2])
})

const killed: Truth = { kind: 'kill', askedMs: 100, from: [100, 101], to: [200, 202] }

test('a server that stood still as it was killed answered nobody since its last turn', () => {
  expect(prolonged(killed, [[62, 100]])).toEqual({ ...killed, from: [62, 64] })
  expect(prolonged(killed, [[96, 100]])).toEqual(killed)
  expect(prolonged(killed, [[62, 99]])).toEqual(killed)
})

test('one that stands still as it begins to listen answers nobody until its next turn', () => {
  expect(prolonged(killed, [[201, 216]])).toEqual({ ...killed, to: [214, 216] })
  expect(prolonged(killed, [[201, 206]])).toEqual(killed)
  expect(prolonged(killed, [[203, 216]])).toEqual({ ...killed, to: [214, 216] })
  expect(prolonged(killed, [[205, 216]])).toEqual(killed)
})

test('what a stalled server has to work off is none of that', () => {
  const stalled: Truth = { ...killed, kind: 'stall' }
  expect(prolonged(stalled, [[90, 230]])).toEqual(stalled)
})

/** A loop that turns, once a millisecond, is seldom kept from it for so long. */
const STILL_FOR_MS = 500

test('a server that is stopped keeps when its loop last turned', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-pulse-'))
  const journal = join(folder, 'journal')
  const server = spawn(process.execPath, [join(import.meta.dirname, 'truth-server.ts'), journal], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    let said = ''
    server.stdout.on('data', (chunk) => (said += String(chunk)))
    const hears = (what: string) => vi.waitFor(() => expect(said).toContain(what), { timeout: 15_000 })
    await hears('ready')
    expect(readFileSync(pulseOf(journal))).toHaveLength(0)
    server.stdin.write('listen 0\n')
    await hears('listening')
    const listensAt = monotonicMs()
    const turnedAt = (): number => readFileSync(pulseOf(journal)).readDoubleLE(0)
    await vi.waitFor(() => expect(turnedAt()).toBeGreaterThan(listensAt), { timeout: 5000 })
    server.kill('SIGSTOP')
    await vi.waitFor(() => expect(monotonicMs() - turnedAt()).toBeGreaterThan(STILL_FOR_MS), { timeout: 5000 })
  } finally {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  }
})
