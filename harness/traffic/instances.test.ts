import { describe, expect, test } from 'vitest'
import type { Node, Role, Topology } from '../topology/topology.ts'
import { judgeInstances } from './instances.ts'

const node = (name: string, role: Role, address: string): Node => ({
  name,
  role,
  zone: 'a',
  containers: [
    {
      id: `${name === 'data-plane-2' ? '2' : '9'}b1c0a9d8e7f6a5b4c3d`,
      name,
      service: name,
      address,
      image: 'x',
      ports: {},
    },
  ],
})

const topology: Topology = {
  stack: 's',
  project: 'instances-test',
  network: 'n',
  subnet: '10.0.0',
  nodes: [
    node('data-plane-1', 'data-plane', '10.0.0.41'),
    node('data-plane-2', 'data-plane', '10.0.0.42'),
    node('backup-to-s3', 'object-store', '10.0.0.60'),
  ],
}

const instance = (hostname: string, status = 'Healthy', ip = '172.17.0.9') => ({ hostname, ip, status })

const judged = (...list: readonly object[]) => judgeInstances(topology, { status: 200, body: { list } })

describe('every gateway is a healthy instance', () => {
  test.each([
    ['by its name', [instance('data-plane-1'), instance('data-plane-2')]],
    ['by its address', [instance('x', 'Healthy', '10.0.0.41'), instance('y', 'Healthy', '10.0.0.42')]],
    ['by the name that Docker gives a container', [instance('data-plane-1'), instance('2b1c0a9d8e7f')]],
    ['in number, where the control plane knows them by names of their own', [instance('x'), instance('y')]],
    [
      'also where one that it was before is kept',
      [instance('data-plane-1'), instance('data-plane-2', 'Offline'), instance('data-plane-2')],
    ],
  ])('%s', (_, list) => {
    expect(judged(...list)).toEqual({ ok: true, because: '2 gateways are Healthy' })
  })
})

describe('a gateway that is none is named', () => {
  test.each([
    [
      'with its state',
      [instance('data-plane-1'), instance('data-plane-2', 'LostConnection')],
      'data-plane-2 is LostConnection',
    ],
    ['where it is not listed', [instance('data-plane-1')], 'data-plane-2 is not listed'],
    ['though another node is one', [instance('data-plane-1'), instance('backup-to-s3')], 'data-plane-2 is not listed'],
    ['where nobody is listed', [], 'data-plane-1 is not listed; data-plane-2 is not listed'],
    [
      'beside those whose names nobody knows',
      [instance('x'), instance('y', 'OutOfSync')],
      'data-plane-1 is not listed; data-plane-2 is not listed; y is OutOfSync',
    ],
  ])('%s', (_, list, because) => {
    expect(judged(...list)).toEqual({ ok: false, because })
  })
})

test('a gateway beyond the page that is answered may be one', () => {
  const body = { list: [instance('data-plane-1')], total: 2 }
  expect(judgeInstances(topology, { status: 200, body })?.ok).toBe(true)
})

test('a control plane that has no such list is not asked, and one that does not tell it does not hold', () => {
  expect(judgeInstances(topology, { status: 404, body: {} })).toBeNull()
  expect(judgeInstances(topology, { status: 503, body: '<h1>Unavailable</h1>' })).toEqual({
    ok: false,
    because: 'the control plane answers status 503',
  })
})
