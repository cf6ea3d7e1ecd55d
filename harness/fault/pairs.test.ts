import { expect, test } from 'vitest'
import { FAULT_KINDS, type FaultKind } from '../history/event.ts'
import { clashOf, whyNot } from './pairs.ts'

test.each<[held: FaultKind, next: FaultKind]>([
  ['drain', 'restart'],
  ['drain', 'isolate'],
  ['cpu', 'isolate'],
  ['isolate', 'cpu'],
  ['switchover', 'kill'],
  ['slow', 'switchover'],
  ['certificate', 'cpu'],
  ['slow', 'reload'],
  ['reload', 'restart'],
])('%s and then %s may be on one node together', (held, next) => {
  expect(whyNot(held, next)).toBeNull()
})

test.each<[held: FaultKind, next: FaultKind, why: RegExp]>([
  ['isolate', 'restart', /packet rule ends with the network namespace/],
  ['slow', 'loss', /one rule of ours at a time/],
  ['kill', 'isolate', /nothing left to break/],
  ['pause', 'isolate', /stand still/],
  ['disk', 'pause', /stand still/],
  ['memory', 'kill', /could not be told/],
  ['certificate', 'restart', /has its own certificate again/],
  ['certificate', 'pause', /stand still/],
  ['certificate', 'isolate', /keeps it from DP Manager/],
  ['bandwidth', 'certificate', /keeps it from DP Manager/],
  ['replace', 'isolate', /another one, and not what is listed/],
  ['slow', 'replace', /packet rule ends/],
  ['drain', 'drain', /already/],
  ['isolate', 'switchover', /nobody reaches it/],
  ['isolate', 'reload', /nobody reaches it/],
  ['pause', 'reload', /stand still/],
  ['stop', 'reload', /nothing left to break/],
  ['kill', 'switchover', /nothing left to break/],
])('%s and then %s may not, and the reason is said', (held, next, why) => {
  expect(whyNot(held, next)).toMatch(why)
})

const cut = { kind: 'partition', broken: ['control-plane-1'], otherSide: ['upstream-1', 'upstream-2'] } as const
const replaced = { kind: 'replace', broken: ['upstream-2'] } as const

test('nobody is cut off by an address that somebody else has taken their name to, whichever comes first', () => {
  const because = 'upstream-2 is cut off by an address that whoever stands in for it does not have'
  expect(clashOf(cut, replaced)).toEqual({ names: ['control-plane-1'], because })
  expect(clashOf(replaced, cut)).toEqual({ names: ['upstream-2'], because })
})

test('whoever is on the other side of a cut may be stopped or made otherwise where it stands, and others replaced', () => {
  const elsewhere = { kind: 'replace', broken: ['upstream-3'] } as const
  const others = [elsewhere, { ...replaced, kind: 'upgrade' }, { ...replaced, kind: 'stop' }] as const
  expect(others.flatMap((other) => [clashOf(cut, other), clashOf(other, cut)])).toEqual(Array(6).fill(null))
})

test('no kind is injected twice on one node', () => {
  expect(FAULT_KINDS.filter((kind) => whyNot(kind, kind) === null)).toEqual([])
})
