import { expect, test } from 'vitest'
import { ScenarioError } from '../time/errors.ts'
import { endsOnce, endWithin, type ScriptEnd } from './ending.ts'

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

test('a script that ends within its time ends as it did', async () => {
  expect(await endWithin(Promise.resolve(), 10_000)).toEqual({ outcome: 'finished' })
  const threw = new ScenarioError('No node b.', { code: 'ERR_NO_NODE' })
  expect(await endWithin(Promise.reject(threw), 10_000)).toEqual({
    outcome: 'threw',
    because: 'No node b. [ERR_NO_NODE]',
    code: 'ERR_NO_NODE',
  })
  expect(await endWithin(Promise.reject('thrown'), 10_000)).toEqual({ outcome: 'threw', because: 'thrown' })
})

test('one that does not has timed out, and what it throws later is nobody’s', async () => {
  const script = Promise.withResolvers<void>()
  expect(await endWithin(script.promise, 5)).toEqual({ outcome: 'timed-out' })
  script.reject(new Error('faults are sealed'))
  await new Promise(setImmediate)
})
