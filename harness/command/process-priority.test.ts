import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { getPriority, setPriority } from 'node:os'
import { expect, test, vi } from 'vitest'
import { halfOf, onHalfOfTheCpus, yieldToOthers } from './process-priority.ts'

const { refuses } = vi.hoisted(() => ({ refuses: { it: false } }))

vi.mock('node:os', async (original) => {
  const os = await original<typeof import('node:os')>()
  const set = (pid: number, niceness: number): void => {
    if (refuses.it) throw Object.assign(new Error('EACCES'), { code: 'ERR_SYSTEM_ERROR' })
    os.setPriority(pid, niceness)
  }
  return { ...os, setPriority: vi.fn(set) }
})

test.each([
  ['0-7', '0,1,2,3'],
  ['0-1', '0'],
  ['4-7', '4,5'],
  ['2,5-6', '2'],
  ['3', null],
  ['', null],
])('of the processors %j onlookers get %j', (allowed, half) => {
  expect(halfOf(allowed)).toBe(half)
})

test('where no program can be kept on a processor, it is started all the same', async () => {
  expect(await onHalfOfTheCpus('9998-9999')).toEqual([])
  expect(await onHalfOfTheCpus('')).toEqual([])
})

test('niceness is raised to 10, never taken away, and no reason to end', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  const before = getPriority(pid)
  yieldToOthers(pid)
  expect(getPriority(pid)).toBe(Math.max(before, 10))
  setPriority(pid, 19)
  yieldToOthers(pid)
  expect(getPriority(pid)).toBe(19)
  refuses.it = true
  expect(() => yieldToOthers(pid)).not.toThrow()
  child.stdin.end()
  await once(child, 'close')
})
