import { describe, expect, test } from 'vitest'
import { patroniFrom, watchFrom } from './settings.ts'

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

describe('the watch of a gateway', () => {
  test('is silent for as long as the vendor lets it, or the lab, where nothing else is said', () => {
    expect(watchFrom({})).toEqual({ set: 'vendor', timeoutMs: 50_000 })
    expect(watchFrom({ GATEWAY_TIMINGS: 'lab', WATCH_TIMEOUT_MS: '' })).toEqual({ set: 'lab', timeoutMs: 8_000 })
  })

  test('is silent for as long as its own variable says', () => {
    expect(watchFrom({ GATEWAY_TIMINGS: 'vendor', WATCH_TIMEOUT_MS: '3000' })).toEqual({
      set: 'vendor',
      timeoutMs: 3_000,
    })
  })
})
