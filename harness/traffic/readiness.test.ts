import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Event, eventsOf } from '../history/event.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { manualClock } from '../time/clock.ts'
import type { Node } from '../topology/topology.ts'
import { followHealed, followReadiness } from './readiness.ts'

const node: Node = {
  name: 'data-plane-1',
  role: 'data-plane',
  zone: 'a',
  containers: [
    {
      id: 'c1',
      name: 'c1',
      service: 'data-plane-1',
      address: '10.99.0.41',
      image: 'i',
      ports: { status: { inside: 7085 } },
    },
  ],
}

let folder = ''
let recorder: Recorder

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-readiness-test-'))
  recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor([]))
})

afterEach(async () => {
  recorder.close()
  await rm(folder, { recursive: true })
})

/** Follows a node whose looks, 10 ms each, see these statuses; it is trusted from look `trustedFrom` on. */
const followed = async (
  statuses: readonly number[],
  trustedFrom: number,
): Promise<readonly (readonly [number, boolean, number])[]> => {
  const clock = manualClock()
  const ended = new AbortController()
  let look = -1
  const get = async () => {
    look += 1
    const status = statuses[look]
    if (status === undefined) ended.abort()
    const from = clock.now()
    clock.advance(10)
    return { ok: true, status: status ?? 0, headers: {}, body: '', from, to: clock.now() }
  }
  await followReadiness({ callers: { get }, recorder, clock, isIn: () => look >= trustedFrom }, node, ended.signal)
  return eventsOf(recorder.events(), 'readiness').map(({ at, ready, lastLookAt }) => [at, ready, lastLookAt])
}

test('a node that is trusted before it is ready is followed until it is ready', async () => {
  expect(await followed([503, 503, 503, 200], 1)).toEqual([
    [10, false, 0],
    [20, false, 0],
    [30, false, 10],
    [40, true, 20],
  ])
})

test('a node that is ready before it is trusted is followed until it is trusted, and ready is told once', async () => {
  expect(await followed([503, 200, 200, 200], 3)).toEqual([
    [10, false, 0],
    [20, true, 0],
  ])
})

test('a gateway is followed from its heal on, whoever heals it, and no other is, nor one that was drained', () => {
  const followed: string[] = []
  const readiness = { follow: ({ name }: Node) => void followed.push(name) }
  followHealed({ recorder, gateways: [node, { ...node, name: 'data-plane-2' }], readiness })
  const told = (fault: 'kill' | 'drain', stage: 'heal' | 'healed', targets: readonly string[]): Event => ({
    kind: 'fault',
    at: 1,
    id: `${fault}-1`,
    fault,
    targets,
    stage,
    ...(stage === 'heal' && { because: 'fixture' }),
  })
  recorder.record(told('drain', 'heal', ['data-plane-1']))
  recorder.record(told('kill', 'heal', ['data-plane-2', 'control-plane-1']))
  expect(followed).toEqual(['data-plane-2'])
  recorder.record(told('kill', 'healed', ['data-plane-2', 'control-plane-1']))
  expect(followed).toEqual(['data-plane-2'])
})
