import { describe, expect, test } from 'vitest'
import { patroniFrom } from './settings.ts'

describe('the settings of Patroni', () => {
  test('are read from its variables, in seconds', () => {
    expect(patroniFrom({ PATRONI_TTL: '8', PATRONI_LOOP_WAIT: '2', PATRONI_RETRY_TIMEOUT: '3', PATH: '/bin' })).toEqual(
      {
        ttlMs: 8000,
        loopWaitMs: 2000,
        retryTimeoutMs: 3000,
      },
    )
  })

  test('are not known of a database that has none of them, or half', () => {
    expect(patroniFrom({})).toBeUndefined()
    expect(patroniFrom({ PATRONI_TTL: '8' })).toBeUndefined()
  })
})
