import { describe, expect, test } from 'vitest'
import { callerZonesIn, controlPlaneVariables, mainLaneCount } from './zones.ts'

describe('CONTROL_PLANE_ZONES', () => {
  test('a puts the control plane into one zone, and gateways list that one DP Manager', () => {
    expect(controlPlaneVariables('a')).toEqual({
      CONTROL_PLANES_IN_B: '0',
      CONTROL_PLANES_IN_C: '0',
      LB_CONTROL_PLANES: '1',
      DP_MANAGER_ENDPOINTS: '["https://dp-manager.az-a.internal:7943"]',
    })
  })

  test('a, b leaves out the third zone only', () => {
    expect(controlPlaneVariables('a, b')).toMatchObject({
      CONTROL_PLANES_IN_B: '1',
      CONTROL_PLANES_IN_C: '0',
      LB_CONTROL_PLANES: '2',
    })
  })

  test('nothing asked for changes nothing', () => {
    expect(controlPlaneVariables(undefined)).toEqual({})
  })

  test.each(['b', 'a,c', 'a,b,c,d', 'x'])('%s is refused with what is expected', (zones) => {
    expect(() => controlPlaneVariables(zones)).toThrow(/expected a, a,b or a,b,c/)
  })
})

describe('CALLER_ZONES', () => {
  const nodes = ['a', 'b', 'outside'].map((zone) => ({ 'firedrill.zone': zone }))
  const zones = (callers: string) =>
    callerZonesIn([...nodes, { 'firedrill.zone': 'outside', 'firedrill.callers': callers }])

  test('lists zones, with blanks or commas between them', () => {
    expect(zones('a b')).toEqual(['a', 'b'])
    expect(zones('outside, b,b')).toEqual(['b'])
  })

  test('outside, or nothing, is no zone', () => {
    expect(zones('outside')).toEqual([])
    expect(callerZonesIn(nodes)).toEqual([])
  })

  test('a zone without a node is refused', () => {
    expect(() => zones('a c')).toThrow(/CALLER_ZONES names zone c: expected outside, or any of a, b, outside/)
  })
})

test('two lanes call from every place where callers stand', () => {
  expect([mainLaneCount(['outside']), mainLaneCount(['outside', 'a', 'b'])]).toEqual([2, 6])
})
