import { expect, test } from 'vitest'
import { writeOutcome } from './admin-api.ts'

test.each([
  [200, { outcome: 'accepted' }],
  [400, { outcome: 'refused', status: 400, because: 'status 400: no such service' }],
  // It may come after the COMMIT was sent.
  [500, { outcome: 'unknown', status: 500, because: 'status 500: no such service' }],
])('a write that is answered %i comes to what that says, with the reason given', async (status, outcome) => {
  expect(await writeOutcome(async () => ({ status, body: { error_msg: 'no such service' } }))).toEqual(outcome)
})

test('an error page gives no reason', async () => {
  expect(await writeOutcome(async () => ({ status: 503, body: '<h1>Unavailable</h1>' }))).toEqual({
    outcome: 'unknown',
    status: 503,
    because: 'status 503: no error_msg',
  })
})

test('of a write that nobody answers nobody knows what came', async () => {
  expect(await writeOutcome(async () => Promise.reject(new Error('no answer within 8 s')))).toEqual({
    outcome: 'unknown',
    because: 'no answer within 8 s',
  })
})
