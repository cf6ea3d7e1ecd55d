// drain at balancers of which one goes away meanwhile.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { manualClock } from '../time/clock.ts'
import { type SmallBalancer, startBalancer } from './balancer.fixture.ts'
import { node } from './breaking.fixture.ts'
import { drain } from './drain.ts'
import type { Kind } from './kind.ts'

const target = node('data-plane-1')
let first: SmallBalancer
let second: SmallBalancer
let unrelated: SmallBalancer
let kind: Kind

beforeEach(async () => {
  first = await startBalancer('first', ['data-plane-1', 'data-plane-2'])
  second = await startBalancer('second', ['data-plane-1'])
  unrelated = await startBalancer('unrelated', ['control-plane-1'])
  kind = drain({ balancers: [unrelated, first, second], clock: manualClock() })
  await kind.inject(target)
})

afterEach(() => {
  for (const balancer of [first, second, unrelated]) balancer.stop()
})

const states = (): readonly (string | undefined)[] => [first, second].map((each) => each.states.get('data-plane-1'))

test('every balancer that has the node drains it, and trusts it again', async () => {
  expect([...states(), first.states.get('data-plane-2')]).toEqual(['DRAIN', 'DRAIN', 'UP'])
  await kind.heal(target)
  expect(states()).toEqual(['UP', 'UP'])
})

test('one that does not have the node may be away: it is asked nothing', async () => {
  unrelated.stop()
  expect((await kind.attestHeld(target, 0)).map(({ confirms }) => confirms)).toEqual([true, true])
  await kind.heal(target)
  expect(states()).toEqual(['UP', 'UP'])
  const { evidence } = await kind.attestClear(target, Promise.resolve())
  expect(evidence.map(({ confirms }) => confirms)).toEqual([true, true])
})

test('one that drains the node still after the heal is what is left of it', async () => {
  let nowMs = 0
  const clock = {
    now: () => {
      nowMs += 1000
      return nowMs
    },
  }
  const looked = drain({ balancers: [first, second], clock })
  await looked.heal(target)
  second.states.set('data-plane-1', 'DRAIN')
  const { left } = await looked.attestClear(target, Promise.resolve())
  expect(left).toEqual(['second holds second/data-plane-1 as draining'])
})

test('one that takes more than a second to answer is waited for', async () => {
  second.slow(1200)
  await kind.heal(target)
  expect(states()).toEqual(['UP', 'UP'])
  expect((await kind.attestClear(target, Promise.resolve())).left).toBeUndefined()
})

test('whoever undoes it is told in which container each balancer runs, where that is known', () => {
  const { port } = first
  const { undo } = drain({ balancers: [{ name: 'first', port, container: 'c1' }, second], clock: manualClock() })
  expect(undo(target)).toEqual([
    { act: 'trust', container: 'c1', port, node: 'data-plane-1' },
    { act: 'trust', port: second.port, node: 'data-plane-1' },
  ])
})

test('one that has the node and is away is told, and keeps none of the others from trusting it', async () => {
  first.stop()
  await expect(kind.heal(target)).rejects.toThrow(/first did not answer/)
  expect(states()).toEqual(['DRAIN', 'UP'])
})
