import { expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { dropWaitMs } from '../topology/check.ts'
import {
  admissionWaitMs,
  checksOn,
  failoverLimitOf,
  lastActOn,
  longestOf,
  mustStart,
  silenceLimitOf,
  wholeCheckMs,
} from './waits.ts'

const check = { interMs: 1000, fastinterMs: 300, downinterMs: 500, fall: 2, rise: 2, timeoutMs: 1000 }

test('an admission is not waited for less than 10 s, also where nothing is predicted', () => {
  expect([admissionWaitMs(check), admissionWaitMs(undefined)]).toEqual([10_000, 10_000])
})

test('a balancer that wants many good checks is waited for three times as long as they take', () => {
  expect(admissionWaitMs({ ...check, rise: 101 })).toBe(3 * 30_500)
})

test('a node that has to start is waited for half a minute at the least', () => {
  expect([admissionWaitMs(check, { mustStart: true }), admissionWaitMs(undefined, { mustStart: true })]).toEqual([
    30_000, 30_000,
  ])
  expect(admissionWaitMs({ ...check, rise: 301 }, { mustStart: true })).toBe(3 * 90_500)
})

test('a node has to start where a fault ended its processes, and not where one cut it off', () => {
  const of = { kind: 'fault', at: 1, id: 'f', stage: 'intent' } as const
  const events: readonly Event[] = [
    { ...of, fault: 'isolate', targets: ['data-plane-1'] },
    { ...of, fault: 'outage', targets: ['data-plane-2', 'database-1'] },
  ]
  expect(['data-plane-1', 'data-plane-2', 'data-plane-3'].map((node) => mustStart(events, node))).toEqual([
    false,
    true,
    false,
  ])
})

test('who waits for a node waits for the slowest of the balancers that hold it; of all, where none has said that it does', () => {
  const slow = { ...check, interMs: 30_000, fastinterMs: 30_000 }
  const settings = { check, checks: { 'callers-balancer': check, 'database-balancer': slow } }
  const says = (balancer: string, node: string): Event => {
    return { kind: 'rotation', at: 1, balancer, backend: 'any', node, state: 'in', lastLookAt: 0 }
  }
  const events = [says('callers-balancer', 'data-plane-1'), says('database-balancer', 'database-1')]
  const waits = ['data-plane-1', 'database-1', 'data-plane-2'].map((node) =>
    longestOf(checksOn(node, settings, events), dropWaitMs),
  )
  expect(waits).toEqual([10_000, 186_000, 186_000])
  const known = [{ check: slow }, {}].map((each) => longestOf(checksOn('data-plane-1', each, events), dropWaitMs))
  expect(known).toEqual([186_000, 10_000])
})

test('a check has come to its end an interval and a timeout after any time', () => {
  expect([wholeCheckMs(check), wholeCheckMs(undefined)]).toEqual([2000, 0])
})

test('a node was last acted on when a fault began on it, or began to leave it', () => {
  const of = { kind: 'fault', id: 'f', targets: ['data-plane-1'] } as const
  const events: readonly Event[] = [
    { ...of, at: 1, fault: 'drain', stage: 'intent' },
    { ...of, at: 2, fault: 'upgrade', stage: 'intent' },
    { ...of, at: 3, fault: 'upgrade', stage: 'injected' },
    { ...of, at: 4, fault: 'upgrade', stage: 'heal' },
    { ...of, at: 5, fault: 'upgrade', stage: 'clear' },
    { ...of, at: 6, fault: 'drain', stage: 'heal' },
    { ...of, at: 7, fault: 'kill', stage: 'intent', targets: ['data-plane-2'] },
  ]
  expect([1, 3, 6].map((until) => lastActOn(events.slice(0, until), 'data-plane-1'))).toEqual([0, 2, 4])
  expect(['data-plane-2', 'data-plane-3'].map((node) => lastActOn(events, node))).toEqual([7, 0])
})

test('a silence is noticed when the watch has timed out, and its client has looked', () => {
  expect([silenceLimitOf({ watchTimeoutMs: 8_000 }), silenceLimitOf({})]).toEqual(['10000ms', '52000ms'])
})

test('a failover may take what its settings say, and not what the lab’s take', () => {
  const patroni = { ttlMs: 8000, loopWaitMs: 2000, retryTimeoutMs: 3000 }
  expect([failoverLimitOf({ patroni }), failoverLimitOf({})]).toEqual(['20000ms', '42000ms'])
})
