// What a script sees of the balancers, and what is on record of it.
import { expect, test } from 'vitest'
import { bareTopology } from '../bare-topology.fixture.ts'
import type { Event } from '../history/event.ts'
import { gatewayOf } from '../topology/group.ts'
import type { Node } from '../topology/topology.ts'
import type { Admission } from '../traffic/rotation.ts'
import { rotationActs } from './rotation-acts.ts'

const { dataPlane, controlPlane } = gatewayOf(bareTopology, 1)

const KILLED: Event = {
  kind: 'fault',
  at: 500,
  id: 'kill-1',
  fault: 'kill',
  targets: ['data-plane-1'],
  stage: 'heal',
}

/** Balancers that come to the opinion which is waited for of all nodes but these. */
const seen = (...never: readonly string[]) => {
  let nowMs = 1000
  const events: Event[] = [KILLED]
  const asked: (readonly [string, Admission])[] = []
  const look = async ({ name }: Node): Promise<boolean> => {
    nowMs += 10
    return !never.includes(name)
  }
  const rotation = {
    dropped: look,
    admitted: (node: Node, admission: Admission) => {
      asked.push([node.name, admission])
      return look(node)
    },
  }
  const recorder = { events: () => events, record: (event: Event) => void events.push(event) }
  const acts = rotationActs({ rotation, recorder, settings: {}, clock: { now: () => nowMs } } as never, {
    step: (_, act) => act(),
    drains: () => Promise.reject(new Error('Nobody drains here.')),
  })
  return { acts, asked, last: () => events.at(-1) }
}

test('nodes that every balancer dropped, or trusts, are told together with how long it took', async () => {
  const { acts, last } = seen()
  expect(await acts.drops(dataPlane)).toBe(true)
  expect(last()).toMatchObject({ observed: 'drops', nodes: ['data-plane-1', 'data-plane-2'], outcome: 'seen' })
  expect(await acts.admits(controlPlane)).toBe(true)
  expect(last()).toMatchObject({ observed: 'admits', outcome: 'seen', waitedMs: 20 })
})

test('where the wait for some of them ran out, those are told alone, and the script hears of it', async () => {
  const { acts, last } = seen('data-plane-2')
  expect(await acts.admits(dataPlane)).toBe(false)
  expect(last()).toMatchObject({ observed: 'admits', nodes: ['data-plane-2'], outcome: 'ran-out' })
})

test('a node that a fault ended has the time of a start, and a check from before its heal is no word on it', async () => {
  const { acts, asked } = seen()
  await acts.admits(dataPlane)
  expect(asked).toEqual([
    ['data-plane-1', { actedAt: 500, wholeCheckMs: 0, limitMs: 30_000 }],
    ['data-plane-2', { actedAt: 0, wholeCheckMs: 0, limitMs: 10_000 }],
  ])
})

test('nobody waits for an empty group: that would be seen at once, and mean nothing', async () => {
  await expect(seen().acts.drops([])).rejects.toThrow(/rotation drops nobody: .* \[ERR_EMPTY_GROUP\]/)
})
