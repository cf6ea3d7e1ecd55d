import { expect, test } from 'vitest'
import { isBalancerCall, parseBalancerCall, splitStamp } from './balancer-log.ts'

const STARTED = Date.parse('2026-11-20T23:44:00.000Z')
const line = (more = ''): string =>
  `2026-11-20T23:44:33.123456789Z <134>Nov 20 23:44:33 haproxy[8]: firedrill call=run.new.17 at=${STARTED / 1000 + 3}.007 idle=0 took=12 backend=gateways server=data-plane-2 retries=0 status=200 termination=----${more}`

test('a call is read with its node, and its times on the run clock', () => {
  expect(isBalancerCall(line())).toBe(true)
  expect(parseBalancerCall(line(), STARTED)).toEqual({
    requestId: 'run.new.17',
    node: 'data-plane-2',
    termination: '----',
    retries: 0,
    status: 200,
    from: 3007,
    to: 3019,
  })
})

test('on a kept-alive connection the call began after the idle time, not where the answer before it ended', () => {
  const kept = line().replace('idle=0', 'idle=700')
  expect(parseBalancerCall(kept, STARTED)).toMatchObject({ from: 3707, to: 3719 })
})

test("without an idle time the line's stamp is the end of the call, and without a stamp its date the beginning", () => {
  const old = line().replace(' idle=0', '')
  expect(parseBalancerCall(old, STARTED)?.to).toBeCloseTo(33_123.456789, 3)
  expect(parseBalancerCall(old, STARTED)?.from).toBeCloseTo(33_111.456789, 3)
  expect(parseBalancerCall(old.slice(old.indexOf('firedrill')), STARTED)).toMatchObject({ from: 3007, to: 3019 })
})

test('a redispatch counts its retries, and a call that no server took has no node', () => {
  const lost = line()
    .replace('data-plane-2', '<NOSRV>')
    .replace('retries=0', 'retries=+2')
    .replace('----', 'SC--')
    .replace('status=200', 'status=503')
  expect(parseBalancerCall(lost, STARTED)).toMatchObject({ node: null, retries: 2, termination: 'SC--', status: 503 })
})

test('a call cut off before a status has status 0, and a time that never came takes nothing', () => {
  const cut = line().replace('status=200', 'status=-1').replace('took=12', 'took=-1').replace('----', 'CR')
  expect(parseBalancerCall(cut, STARTED)).toMatchObject({ status: 0, from: 3007, to: 3007, termination: 'CR' })
})

test('a line without an id, cut short, or about something else is no call', () => {
  expect(parseBalancerCall(line().replace('run.new.17', '-'), STARTED)).toBeNull()
  expect(parseBalancerCall(line().slice(0, -15), STARTED)).toBeNull()
  expect(isBalancerCall('Server gateways/data-plane-2 is DOWN')).toBe(false)
})

test("the engine's stamp is split off with its fraction", () => {
  expect(splitStamp('2026-11-20T23:44:33.123456789Z Server is DOWN')).toEqual({
    wallMs: STARTED + 33_123.456789,
    text: 'Server is DOWN',
  })
  expect(splitStamp('2026-11-21T01:44:33+02:00 x')).toEqual({ wallMs: STARTED + 33_000, text: 'x' })
  expect(splitStamp('Server is DOWN')).toBeNull()
})
