import { expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { manualClock } from '../time/clock.ts'
import type { Topology } from '../topology/topology.ts'
import { recordUpstreams } from './upstream-record.ts'

const topology = {
  nodes: [
    {
      name: 'upstream',
      role: 'upstream',
      zone: 'outside',
      containers: [{ address: '10.0.0.61', ports: { http: { inside: 8080 }, seen: { inside: 8081 } } }],
    },
  ],
} as unknown as Topology

const recorded = async (answer: {
  ok: boolean
  status: number
  body: string
  isCut?: true
}): Promise<readonly Event[]> => {
  const events: Event[] = []
  await recordUpstreams({
    topology,
    callers: {
      get: async (url) => ({ headers: {}, from: 0, to: 1, ...answer, body: answer.body.replace('$url', url) }),
    },
    recorder: { record: (event: Event) => void events.push(event) } as never,
    clock: manualClock(),
  })
  return events
}

test('what the upstream counted of calls that must not be made twice is on record', async () => {
  const body = '{"requests":5,"distinct":3,"duplicates":["$url"],"duplicateCount":1}'
  expect(await recorded({ ok: true, status: 200, body })).toEqual([
    {
      kind: 'upstream-record',
      at: 0,
      node: 'upstream',
      distinct: 3,
      duplicates: ['http://10.0.0.61:8081/seen/once'],
      duplicateCount: 1,
    },
  ])
})

test('an upstream that would not tell is no upstream that saw nothing', async () => {
  await expect(recorded({ ok: true, status: 404, body: '{}' })).rejects.toThrow(
    /upstream did not say what it saw: status 404/,
  )
})

test('an upstream that saw more than an answer holds says so, and is no upstream that saw little', async () => {
  const body = '{"requests":5,"distinct":3,"duplicates":["a'
  await expect(recorded({ ok: true, status: 200, body, isCut: true })).rejects.toThrow('the answer was cut at 640 kB')
})
