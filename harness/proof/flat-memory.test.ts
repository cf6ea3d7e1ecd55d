import { expect, test } from 'vitest'
import { growthOf, MOST_MB, watchMemory } from './flat-memory.ts'

test('growth is from what was usual at first to what is at last, and one breath of a heap is none', () => {
  const samples = [50, 51, 90, 50, 52, 53, 60, 70, 71, 72, 120, 70].map((callersMb) => ({ callersMb, harnessMb: 100 }))
  expect(growthOf(samples)).toEqual({ callersMb: 21, harnessMb: 0 })
})

test('callers make sixty thousand calls in a heap that could not hold them, and all are in the file', async () => {
  // Resident memory also follows what else the machine does; a heap that is full ends the program.
  const grown = await watchMemory({ calls: 60_000, rate: 4000, deadlineMs: 250, heapMb: 44 })
  expect(grown.lost).toBeNull()
  expect(grown.calls).toBeGreaterThanOrEqual(60_000)
  expect(grown.onDiskMb * 1024 * 1024).toBeGreaterThan(17 * grown.calls)
  expect(grown.harnessMb).toBeLessThan(MOST_MB)
}, 90_000)
