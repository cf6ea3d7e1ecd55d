import { expect, test } from 'vitest'
import { overlap, parsedRoutes, publishedPorts } from './addresses.ts'

test('a range overlaps one that it holds, and one that holds it', () => {
  expect([overlap('10.0.0.0/8', '10.213.77.0/24'), overlap('10.213.77.0/24', '10.0.0.0/8')]).toEqual([true, true])
})

test('neighbouring ranges do not overlap', () => {
  expect(overlap('10.213.76.0/24', '10.213.77.0/24')).toBe(false)
})

test('routes are read with their masks, the default route left out', () => {
  const text = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`
  expect(parsedRoutes(text)).toEqual(['172.17.0.0/16', '192.0.2.0/24'])
})

test('a machine without /proc has no routes to clash with', () => {
  expect(parsedRoutes('')).toEqual([])
})

test('published ports carry the variable that moves them', () => {
  const compose = `ports:\n  - 127.0.0.1:$${'{FIREDRILL_TEST_PORT:-9080}'}:9080\n`
  expect(publishedPorts(compose, process.env)).toEqual([{ variable: 'FIREDRILL_TEST_PORT', port: 9080 }])
  process.env.FIREDRILL_TEST_PORT = '19080'
  expect(publishedPorts(compose, process.env)).toEqual([{ variable: 'FIREDRILL_TEST_PORT', port: 19080 }])
  delete process.env.FIREDRILL_TEST_PORT
})
