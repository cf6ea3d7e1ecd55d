import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded } from '../topology/group.ts'
import type { Node, Role, Topology } from '../topology/topology.ts'
import { AROUND_TURN_MS, planSoak, SOAKED, sayPlan, type Turn } from './soak-plan.ts'

const nodes = (role: Role, count: number): readonly Node[] =>
  Array.from({ length: count }, (_, i) => ({ name: `${role}-${i + 1}`, role, zone: 'a', containers: [] }))

const topologyOf = (gateways: number, controlPlanes: number): Topology => ({
  stack: 'some',
  project: 'some',
  network: 'some',
  subnet: '10.99.0',
  nodes: [...nodes('data-plane', gateways), ...nodes('control-plane', controlPlanes), ...nodes('database', 2)],
})

const planOf = (seed: number, overMs: number, topology = topologyOf(3, 2)): readonly Turn[] =>
  planSoak(topology, overMs, seeded(seed))

const anyPlan = fc
  .record({
    seed: fc.nat(),
    overMs: fc.integer({ min: 0, max: 3_600_000 }),
    gateways: fc.integer({ min: 0, max: 5 }),
    controlPlanes: fc.integer({ min: 0, max: 4 }),
  })
  .map((of) => ({ ...of, turns: planOf(of.seed, of.overMs, topologyOf(of.gateways, of.controlPlanes)) }))

describe('every plan of a soak', () => {
  test('is the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(planOf(seed, 600_000)).toEqual(planOf(seed, 600_000))
      }),
    )
  })

  test('breaks one node of a role at a time, and none that nobody stands in for', () => {
    fc.assert(
      fc.property(anyPlan, ({ turns, gateways, controlPlanes }) => {
        const roles = turns.map(({ faults }) => faults.map(({ node }) => node.role).join())
        const possible = [controlPlanes > 1 && 'control-plane', gateways > 1 && 'data-plane'].filter((each) => each)
        const pair = possible.length > 1 ? [possible.join()] : []
        expect(roles.filter((each) => ![...possible, ...pair].includes(each))).toEqual([])
      }),
    )
  })

  test('asks of no node what is not for its role', () => {
    fc.assert(
      fc.property(anyPlan, ({ turns }) => {
        const kinds: Partial<Record<Role, readonly string[]>> = SOAKED
        const strays = turns
          .flatMap(({ faults }) => faults)
          .filter(({ kind, node }) => !kinds[node.role]?.includes(kind))
        expect(strays).toEqual([])
      }),
    )
  })

  test('has a turn however short the time is, and where it has more they fit', () => {
    fc.assert(
      fc.property(anyPlan, ({ turns, overMs, gateways, controlPlanes }) => {
        const neededMs = turns.reduce((sum, { holdMs }) => sum + holdMs + AROUND_TURN_MS, 0)
        expect(turns.length > 0).toBe(gateways > 1 || controlPlanes > 1)
        expect(turns.length <= 1 || neededMs <= overMs).toBe(true)
      }),
    )
  })
})

test('another seed plays another plan', () => {
  expect(sayPlan(planOf(1, 600_000))).not.toEqual(sayPlan(planOf(2, 600_000)))
})

test('over an hour every kind is drawn, alone and in pairs', () => {
  const turns = planOf(7, 3_600_000)
  const met = new Set(turns.flatMap(({ faults }) => faults.map(({ kind, node }) => `${node.role} ${kind}`)))
  const all = Object.entries(SOAKED).flatMap(([role, kinds]) => kinds.map((kind) => `${role} ${kind}`))
  expect(all.filter((each) => !met.has(each))).toEqual([])
  expect(new Set(turns.map(({ faults }) => faults.length))).toEqual(new Set([1, 2]))
})
