import { describe, expect, test } from 'vitest'
import type { ServerLook } from '../topology/haproxy.ts'
import { emptied, refuseEmptying } from './blast-radius.ts'

const server = (node: string, state: ServerLook['state'] = 'in', backend = 'gateways'): ServerLook => ({
  backend,
  node,
  state,
})

describe('the blast radius', () => {
  test('a fault that leaves a survivor in every backend is allowed', () => {
    expect(emptied({ kind: 'stop', targets: ['dp-1'], broken: [], servers: [server('dp-1'), server('dp-2')] })).toEqual(
      [],
    )
  })

  test('a fault on the last node in rotation is refused, and the others are named with their state', () => {
    const blast = { kind: 'stop', targets: ['dp-1'], broken: [], servers: [server('dp-1'), server('dp-2', 'out')] }
    expect(() => refuseEmptying(blast)).toThrow(
      /Refused to stop dp-1: nobody would be left in gateways \(dp-2 is out\).*ERR_BLAST_RADIUS/,
    )
  })

  test('a node under a fault that the balancer has not noticed yet is no survivor', () => {
    expect(
      emptied({ kind: 'stop', targets: ['dp-1'], broken: ['dp-2'], servers: [server('dp-1'), server('dp-2')] }),
    ).toEqual(['gateways'])
  })

  test('a draining node is no survivor', () => {
    expect(
      emptied({ kind: 'stop', targets: ['dp-1'], broken: [], servers: [server('dp-1'), server('dp-2', 'draining')] }),
    ).toEqual(['gateways'])
  })

  test('a standby survives its primary, unless it is a target or broken, too', () => {
    const servers = [server('db-1', 'in', 'primary'), server('db-2', 'standby', 'primary')]
    const blast = { kind: 'kill', targets: ['db-1'], broken: [], servers }
    expect([emptied(blast), emptied({ ...blast, broken: ['db-2'] })]).toEqual([[], ['primary']])
  })

  test('each backend is counted by itself: a survivor in one does not save another', () => {
    const servers = [
      server('cp-1', 'in', 'dashboards'),
      server('cp-2', 'in', 'dashboards'),
      server('cp-1', 'in', 'dp-managers'),
      server('cp-2', 'out', 'dp-managers'),
    ]
    expect(emptied({ kind: 'kill', targets: ['cp-1'], broken: [], servers })).toEqual(['dp-managers'])
  })

  test('a backend that holds no target is nobody to ask about', () => {
    expect(emptied({ kind: 'stop', targets: ['postgres'], broken: [], servers: [server('dp-1', 'out')] })).toEqual([])
  })
})
