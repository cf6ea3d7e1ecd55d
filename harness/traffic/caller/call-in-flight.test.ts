import { expect, test } from 'vitest'
import type { ErrorClass } from '../../history/call.ts'
import { CallInFlight } from './call-in-flight.ts'
import { requestsOf } from './requests.ts'

/** A call that a connection took, and how it ended. */
const sent = ({ expectEcho = true } = {}) => {
  const ends: ErrorClass[] = []
  const order = {
    lane: 'x',
    connections: 'kept-alive' as const,
    method: 'GET',
    url: 'http://127.0.0.1/',
    headers: {},
    rate: 100,
    deadlineMs: 1000,
    expectStatus: 200,
    expectEcho,
    nodeHeaders: [],
    nodes: [],
    knownAs: {},
    requestIdPrefix: 'x.',
  }
  const call = new CallInFlight(
    {
      order,
      requestOf: requestsOf(order),
      isFresh: () => false,
      isBreaking: () => false,
      now: () => 0,
      sendAgain: () => {},
      ended: (_, errorClass) => ends.push(errorClass),
    },
    7,
    0,
    0,
  )
  const controller = { abort: () => {} } as unknown as Parameters<CallInFlight['onRequestStart']>[0]
  call.onRequestStart(controller)
  return { call, ends, controller }
}

const WHOLE = Buffer.from('{"requestId":"x.7"}')

test('the expected status with the whole body is an answer', () => {
  const { call, ends, controller } = sent()
  call.onResponseStart(controller, 200, {})
  call.onResponseData(controller, WHOLE)
  call.onResponseEnd()
  expect(ends).toEqual(['none'])
})

test('a body that broke off is truncated, whatever of it came', () => {
  const { call, ends, controller } = sent()
  call.onResponseStart(controller, 200, {})
  call.onResponseData(controller, WHOLE)
  call.onResponseError(controller, new Error('other side closed'))
  expect(ends).toEqual(['truncated'])
})

test('another call’s body is a mismatch, and any body will do where none is expected', () => {
  for (const [expectEcho, end] of [
    [true, 'mismatch'],
    [false, 'none'],
  ] as const) {
    const { call, ends, controller } = sent({ expectEcho })
    call.onResponseStart(controller, 200, {})
    call.onResponseData(controller, Buffer.from('{"requestId":"x.77"}'))
    call.onResponseEnd()
    expect(ends).toEqual([end])
  }
})

test('another status is what it is, whether its body is whole or broke off', () => {
  for (const isWhole of [true, false]) {
    const { call, ends, controller } = sent()
    call.onResponseStart(controller, 503, {})
    call.onResponseData(controller, WHOLE)
    if (isWhole) call.onResponseEnd()
    else call.onResponseError(controller, new Error('other side closed'))
    expect(ends).toEqual(['server-error'])
  }
})

test('what comes after its deadline ends it no second time', () => {
  const { call, ends, controller } = sent()
  call.expire()
  call.onResponseStart(controller, 200, {})
  call.onResponseEnd()
  call.onResponseError(controller, new Error('its deadline passed'))
  expect(ends).toEqual(['deadline'])
})
