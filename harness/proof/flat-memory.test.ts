import { expect, test } from 'vitest'
import { growthOf, MOST_MB, watchMemory, whyNotFlat } from './flat-memory.ts'

test('growth is from what was usual at first to what is at last, and one breath of a heap is none', () => {
  const samples = [50, 51, 90, 50, 52, 53, 60, 70, 71, 72, 120, 70].map((callersMb) => ({ callersMb, harnessMb: 100 }))
  expect(growthOf(samples)).toEqual({ callersMb: 21, harnessMb: 0 })
})

test('memory is flat where callers lived and were answered, and not where they died, were refused, or grew', () => {
  const grown = { answered: 990, lost: null, callersMb: 3, harnessMb: 1 }
  const why = (but: Partial<Parameters<typeof whyNotFlat>[0]>) => whyNotFlat({ ...grown, ...but }, { calls: 1000 })
  expect(why({})).toEqual([])
  expect(why({ lost: 'its stream ended', answered: 400 })).toEqual([
    'callers were lost: its stream ended',
    '400 of 1000 calls were answered',
  ])
  expect(why({ answered: 0 })).toEqual(['0 of 1000 calls were answered'])
  expect(why({ callersMb: 16, harnessMb: Number.NaN })).toEqual([
    'callers grew by 16.0 MB',
    'the harness grew by NaN MB',
  ])
})

test('callers make sixty thousand calls in a heap that could not hold them, and all are in the file', async () => {
  // Resident memory also follows what else the machine does; a heap that is full ends the program.
  const grown = await watchMemory({ calls: 60_000, rate: 4000, deadlineMs: 250, heapMb: 44 })
  expect(grown.lost).toBeNull()
  expect(grown.calls).toBeGreaterThanOrEqual(60_000)
  expect(grown.onDiskMb * 1024 * 1024).toBeGreaterThan(17 * grown.calls)
  expect(grown.harnessMb).toBeLessThan(MOST_MB)
}, 90_000)
