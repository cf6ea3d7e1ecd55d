import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openLease } from './lease.ts'
import type { Rule } from './network.ts'

const ISOLATE: Rule = { name: 'isolate', parameters: { except: '{10.0.0.1}' } }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A helper that answers from a table and keeps what it heard. */
const scripted = async (answers: Readonly<Record<string, string>>) => {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const heard: string[] = []
  createInterface({ input: stdin }).on('line', (line) => {
    heard.push(line)
    const answer = answers[line]
    if (answer !== undefined) queueMicrotask(() => stdout.write(`${answer}\n`))
  })
  stdout.write('ready\n')
  return { lease: await openLease({ stdin, stdout }), heard, stdin, stdout }
}

describe('a lease', () => {
  test('answers are taken in the order of the questions', async () => {
    const { lease } = await scripted({ count: 'counted 12 3 5 0', look: 'present' })
    expect(await Promise.all([lease.count(), lease.look()])).toEqual([{ came: 12, went: 3, kept: 5, passed: 0 }, true])
  })

  test('a rule with a queue has its words beside the count', async () => {
    const { lease } = await scripted({ count: 'counted 0 7 0 0 125000 9000 3' })
    const queue = { bytesPerSecond: 125_000, bytes: 9000, waits: 3 }
    expect(await lease.count()).toEqual({ came: 0, went: 7, kept: 0, passed: 0, queue })
  })

  test('a rule that is not there has no count', async () => {
    const { lease } = await scripted({ count: 'absent', heal: 'absent' })
    expect([await lease.count(), await lease.lift()]).toEqual([null, null])
  })

  test('a rule that was refused rejects with the reason', async () => {
    const { lease } = await scripted({ 'inject isolate except={10.0.0.1}': 'refused: File exists' })
    await expect(lease.impose(ISOLATE)).rejects.toThrow('isolate was refused: File exists [ERR_RULE_REFUSED]')
  })

  test('it beats every second, without an answer, until it ends', async () => {
    const { lease, heard, stdin } = await scripted({})
    await vi.advanceTimersByTimeAsync(3500)
    expect(heard).toEqual(['beat', 'beat', 'beat'])
    lease.end()
    await vi.advanceTimersByTimeAsync(3500)
    expect(heard).toHaveLength(3)
    expect([stdin.writableEnded, vi.getTimerCount()]).toEqual([true, 0])
  })

  test('a helper that goes in the middle of a question rejects it and every later one', async () => {
    const { lease, stdout } = await scripted({})
    const asked = lease.count()
    const rejected = expect(asked).rejects.toThrow(/ERR_HELPER_GONE/)
    stdout.end()
    await rejected
    await expect(lease.look()).rejects.toThrow(/its output ended/)
    expect(lease.lost()).toBe('its output ended')
  })

  test('a helper that stays silent for 5 s is as good as gone', async () => {
    const { lease } = await scripted({})
    const rejected = expect(lease.lift()).rejects.toThrow(/no answer within 5 s/)
    await vi.advanceTimersByTimeAsync(5000)
    await rejected
  })
})
