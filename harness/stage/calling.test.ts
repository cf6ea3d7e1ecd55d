// Who calls when, and what is refused before and after.
import { expect, test, vi } from 'vitest'
import { optionsFrom } from '../options.ts'
import type { Node } from '../topology/topology.ts'
import { measureCapacity } from '../traffic/capacity.ts'
import { createCalling } from './calling.ts'

vi.mock('../traffic/capacity.ts', () => ({ measureCapacity: vi.fn(async () => {}) }))

const node = (name: string, role: Node['role'], zone: string): Node => ({
  name,
  role,
  zone,
  containers: [
    { id: name, name, service: name, address: '10.213.77.40', image: 'i', ports: { http: { inside: 9080 } } },
  ],
})

/** Callers in front of one balancer and one gateway, and what they were asked for. */
const standing = () => {
  const [opened, ramps]: [string[], unknown[]] = [[], []]
  const steadiness = { expectBeside: vi.fn(), ramp: vi.fn() }
  const calling = createCalling({
    topology: {
      stack: 'none',
      project: 'fd-1',
      network: 'none',
      subnet: '10.213.77',
      nodes: [node('load-balancer-callers', 'load-balancer', 'outside'), node('data-plane-1', 'data-plane', 'a')],
    },
    options: optionsFrom({}),
    callers: {
      open: async ({ lane }: { lane: string }) => void opened.push(lane),
      ramp: async (lane: string, change: object) => void ramps.push({ lane, ...change }),
    } as never,
    echo: 'http://10.213.77.9:8080',
    mix: undefined,
    rate: 200,
    steadiness,
    recorder: {} as never,
    clock: { now: () => 0 },
  })
  return { calling, opened, ramps, steadiness }
}

test('every lane is opened once, and whoever counts callers knows how many call beside the main lanes', async () => {
  const { calling, opened, steadiness } = standing()
  await calling.openLanes()
  await calling.openLanes()
  expect(opened).toEqual(['kept-alive', 'new-connections', 'control', 'post', 'direct-data-plane-1'])
  expect(steadiness.expectBeside.mock.calls).toEqual([[10]])
})

test('gateways are saturated before anybody calls, and not once callers depend on them', async () => {
  const { calling } = standing()
  await calling.measureCapacity([[]])
  await calling.openLanes()
  await expect(calling.measureCapacity([[]])).rejects.toThrow(/ERR_IN_USE/)
  expect(measureCapacity).toHaveBeenCalledTimes(1)
})

test('the main lanes share what is asked for as they did before, the control lane keeps up with each, and nobody ramps what is not open', async () => {
  const { calling, ramps, steadiness } = standing()
  await expect(calling.ramp(600, 1000)).rejects.toThrow(/ERR_NO_CALLERS/)
  await calling.openLanes()
  await calling.ramp(600, 1000)
  expect(ramps).toEqual(['kept-alive', 'new-connections', 'control'].map((lane) => ({ lane, to: 300, overMs: 1000 })))
  expect(steadiness.ramp.mock.calls).toEqual([[600, 1000]])
})
