import { describe, expect, test } from 'vitest'
import { overlaps, routesFrom } from './clash.ts'

describe('ranges of addresses', () => {
  test.each([
    ['10.213.77.0/24', '10.213.0.0/16', true],
    ['10.213.77.0/24', '10.213.77.128/25', true],
    ['10.213.77.0/24', '10.213.78.0/24', false],
    ['172.17.0.0/16', '10.213.77.0/24', false],
    ['0.0.0.0/0', '10.213.77.0/24', true],
  ])('%s and %s: overlap is %s', (left, right, expected) => {
    expect(overlaps(left, right)).toBe(expected)
    expect(overlaps(right, left)).toBe(expected)
  })

  test('the kernel writes routes in little-endian hex; the default route is left out', () => {
    const table = [
      'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
      'br0\t004DD50A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    ].join('\n')
    expect(routesFrom(table)).toEqual(['10.213.77.0/24'])
  })
})
