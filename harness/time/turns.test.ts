import { expect, test } from 'vitest'
import { takeTurns, within } from './turns.ts'

/** Acts that end when they are told to, and the order in which they began. */
const acts = () => {
  const begun: string[] = []
  const ends = new Map<string, { readonly resolve: () => void; readonly reject: (error: Error) => void }>()
  const act = (name: string) => (): Promise<void> => {
    begun.push(name)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    ends.set(name, { resolve, reject })
    return promise
  }
  return { begun, ends, act }
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

test('so many acts are under way at once, and what is wanted sooner begins before all that may wait', async () => {
  const { begun, ends, act } = acts()
  const turns = takeTurns(2)
  const all = [
    turns.later(act('a')),
    turns.later(act('b')),
    turns.later(act('c')),
    turns.sooner(act('d')),
    turns.sooner(act('e')),
  ]
  await settled()
  expect(begun).toEqual(['a', 'b'])
  ends.get('b')?.resolve()
  await settled()
  expect(begun).toEqual(['a', 'b', 'd'])
  ends.get('d')?.resolve()
  ends.get('a')?.resolve()
  await settled()
  expect(begun).toEqual(['a', 'b', 'd', 'e', 'c'])
  for (const name of ['c', 'e']) ends.get(name)?.resolve()
  await Promise.all(all)
})

test('an act that fails makes room, and is told to whoever gave it', async () => {
  const { begun, ends, act } = acts()
  const turns = takeTurns(1)
  const failing = expect(turns.sooner(act('a'))).rejects.toThrow('would not')
  const next = turns.sooner(act('b'))
  await settled()
  ends.get('a')?.reject(new Error('would not'))
  await failing
  await settled()
  expect(begun).toEqual(['a', 'b'])
  ends.get('b')?.resolve()
  await next
})

const late = (): Error => new Error('too late')

test('what settles in time is as it settled, and what does not is told as late', async () => {
  await expect(within(Promise.resolve('done'), 1000, late)).resolves.toBe('done')
  await expect(within(Promise.reject(new Error('would not')), 1000, late)).rejects.toThrow('would not')
  await expect(within(new Promise(() => {}), 10, late)).rejects.toThrow('too late')
})
