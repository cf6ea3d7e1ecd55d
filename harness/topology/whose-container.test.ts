import { expect, test } from 'vitest'
import { ownerIn } from './whose-container.ts'

const run = { 'firedrill.run': 'fd-1' }

test.each([
  ['its node', { ...run, 'firedrill.node': 'data-plane-1', 'com.docker.compose.service': 'gateway' }, 'data-plane-1'],
  ['callers outside', { ...run, 'firedrill.part': 'callers', 'firedrill.zone': 'outside' }, 'callers'],
  ['callers in a zone', { ...run, 'firedrill.part': 'callers', 'firedrill.zone': 'b' }, 'callers-b'],
  ['the echo', { ...run, 'firedrill.part': 'echo', 'firedrill.zone': 'outside' }, 'echo'],
  ['its service, where it is no node', { ...run, 'com.docker.compose.service': 'redis' }, 'redis'],
  ['nobody, for a fault’s helper', { ...run, 'firedrill.part': 'helper' }, null],
  ['nobody, in another run', { 'firedrill.run': 'fd-2', 'firedrill.node': 'data-plane-1' }, null],
  ['nobody, without any label', {}, null],
])('a container goes by %s', (_, labels, who) => {
  expect(ownerIn('fd-1', labels)).toBe(who)
})
