import { expect, test } from 'vitest'
import { endsOnce, type ScriptEnd } from './ending.ts'

const acted = () => {
  const acts: string[] = []
  const closed = Promise.withResolvers<void>()
  const end = endsOnce({
    record: ({ outcome }: ScriptEnd) => void acts.push(outcome),
    close: async (withTail) => {
      acts.push(withTail ? 'closed after its tail' : 'closed')
      await closed.promise
    },
    judge: async () => {
      acts.push('judged')
      throw new Error('inconclusive: it ran out of time')
    },
  })
  return { acts, end, closed }
}

test('a script that settles while its drill, out of time, is being closed changes nothing about how it ended', async () => {
  const { acts, end, closed } = acted()
  const first = end({ outcome: 'timed-out' })
  const late = end({ outcome: 'threw', because: 'faults are sealed', code: 'ERR_SEALED' })
  closed.resolve()
  await expect(first).rejects.toThrow('inconclusive')
  await expect(late).rejects.toThrow('inconclusive')
  expect(acts).toEqual(['timed-out', 'closed', 'judged'])
})

test('a drill whose time runs out in the tail of a script that has finished is judged with that tail, once', async () => {
  const { acts, end, closed } = acted()
  const first = end({ outcome: 'finished' })
  closed.resolve()
  await expect(end({ outcome: 'timed-out' })).rejects.toThrow('inconclusive')
  await expect(first).rejects.toThrow('inconclusive')
  expect(acts).toEqual(['finished', 'closed after its tail', 'judged'])
})
