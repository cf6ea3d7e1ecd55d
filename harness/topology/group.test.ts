import { describe, expect, test } from 'vitest'
import { gatewayOf, seeded } from './group.ts'
import type { Node, Role, Topology } from './topology.ts'

const node = (name: string, role: Role, zone: string): Node => ({ name, role, zone, containers: [] })
const topology: Topology = {
  stack: 'test',
  project: 'fd-1',
  network: 'n',
  subnet: '10.99.0',
  nodes: [
    node('control-plane-1', 'control-plane', 'a'),
    node('data-plane-1', 'data-plane', 'a'),
    node('data-plane-2', 'data-plane', 'b'),
    node('data-plane-3', 'data-plane', 'b'),
  ],
}
const namesOf = (group: Iterable<Node>): readonly string[] => [...group].map((each) => each.name)

describe('groups of nodes', () => {
  test('a role is a group, a zone within it a smaller one', () => {
    expect(namesOf(gatewayOf(topology, 1).dataPlane.zone('b'))).toEqual(['data-plane-2', 'data-plane-3'])
  })

  test('a zone without a node of the group is empty, and one that the deployment has not is a mistake', () => {
    const { controlPlane } = gatewayOf(topology, 1)
    expect(namesOf(controlPlane.zone('b'))).toEqual([])
    expect([controlPlane.zones, gatewayOf(topology, 1).zones]).toEqual([['a'], ['a', 'b']])
    expect(() => controlPlane.zone('az1')).toThrow("There is no zone 'az1': expected one of a, b. [ERR_NO_ZONE]")
  })

  test('outside leaves out one node or a whole group', () => {
    const { dataPlane } = gatewayOf(topology, 1)
    expect(namesOf(dataPlane.outside(dataPlane.zone('b')))).toEqual(['data-plane-1'])
  })

  test('and keeps the order and takes nobody twice', () => {
    const { controlPlane, dataPlane } = gatewayOf(topology, 1)
    expect(namesOf(controlPlane.and(dataPlane).and(controlPlane))).toEqual(topology.nodes.map((each) => each.name))
  })

  test('gateways have their configuration from whoever has a port for it, and from the config store where nobody has', () => {
    const port = { 'dp-manager': { inside: 7900 } }
    const container = { id: 'c', name: 'c', service: 's', address: '10.99.0.11', image: 'i', ports: port }
    const balancer: Node = { ...node('control-plane-balancer', 'load-balancer', 'outside'), containers: [container] }
    const store = node('config-store-1', 'config-store', 'a')
    const sourceOf = (more: readonly Node[]) =>
      namesOf(gatewayOf({ ...topology, nodes: [...topology.nodes, ...more] }, 1).configSource)
    expect(sourceOf([balancer, store])).toEqual(['control-plane-balancer'])
    expect(sourceOf([store])).toEqual(['config-store-1'])
  })

  test('one seed picks the same nodes each time, another seed others', () => {
    const picks = (seed: number): readonly string[] => {
      const { dataPlane } = gatewayOf(topology, seed)
      return Array.from({ length: 12 }, () => dataPlane.pick().name)
    }
    expect(picks(7)).toEqual(picks(7))
    expect(picks(7)).not.toEqual(picks(8))
  })

  test('an empty group has nothing to pick from', () => {
    expect(() => gatewayOf(topology, 1).database.pick()).toThrow(/ERR_EMPTY_GROUP/)
  })

  test('the stream of a seed spreads over the whole interval', () => {
    const random = seeded(3)
    const drawn = Array.from({ length: 1000 }, random)
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true)
    expect(drawn.filter((value) => value < 0.5).length).toBeGreaterThan(400)
    expect(drawn.filter((value) => value < 0.5).length).toBeLessThan(600)
  })
})
