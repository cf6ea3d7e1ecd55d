import { expect, test } from 'vitest'
import { containerNamed, inMemory, target } from './network/in-memory.fixture.ts'
import { partition } from './partition.ts'

const upstream = (name: string, address: string) => ({
  ...target,
  name,
  containers: [{ ...containerNamed(name), address }],
})

test('a partition tells whom it knows by their addresses, so that nobody takes them elsewhere', () => {
  const from = [upstream('upstream-1', '10.99.0.8'), upstream('upstream-2', '10.99.0.9')]
  expect(partition(inMemory().world, { from }).otherSide).toEqual(['upstream-1', 'upstream-2'])
})
