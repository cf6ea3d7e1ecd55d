import { expect, test } from 'vitest'
import { classOfError, classOfStatus } from './error-class.ts'

test.each([
  [500, 'server-error'],
  [599, 'server-error'],
  [404, 'client-error'],
  [499, 'client-error'],
  [302, 'other-status'],
  [600, 'other-status'],
  [204, 'other-status'],
] as const)('status %i is %s', (status, errorClass) => {
  expect(classOfStatus(status)).toBe(errorClass)
})

test.each([
  ['ECONNREFUSED', 'connection-refused'],
  ['ECONNRESET', 'connection-reset'],
  ['EPIPE', 'connection-reset'],
  ['UND_ERR_SOCKET', 'connection-closed'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EPROTO', 'tls-failure'],
  ['CERT_HAS_EXPIRED', 'tls-failure'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-failure'],
  ['HPE_INVALID_CONSTANT', 'other'],
  ['', 'other'],
  // Our own limits are never the deployment's fault.
  ['EADDRNOTAVAIL', 'shed'],
  ['EMFILE', 'shed'],
] as const)('an error %s is %s', (code, errorClass) => {
  expect(classOfError(Object.assign(new Error('x'), { code }))).toBe(errorClass)
})

test('of several failed addresses the first speaks', () => {
  expect(classOfError(new AggregateError([Object.assign(new Error('x'), { code: 'EHOSTUNREACH' })]))).toBe(
    'unreachable',
  )
})
