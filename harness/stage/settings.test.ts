import { describe, expect, test } from 'vitest'
import { patroniFrom, timingsOf, watchFrom } from './settings.ts'

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

describe('the timings in one line', () => {
  const check = (interMs: number, fall: number) => ({
    interMs,
    fall,
    rise: 2,
    fastinterMs: interMs,
    downinterMs: interMs,
    timeoutMs: interMs,
  })
  const [lab, vendor] = [
    { check: check(1000, 2), watch: { set: 'lab', timeoutMs: 8000 } },
    { check: check(10_000, 3), watch: { set: 'vendor', timeoutMs: 50_000 } },
  ] as const
  const saidOf = (timings: Partial<Parameters<typeof timingsOf>[0]>): string | undefined =>
    timingsOf({ check: undefined, lbMode: 'http', patroni: undefined, watch: undefined, ...timings }).split(' (')[0]

  test('are called the lab’s where all of them are, and the vendor’s where all of them are', () => {
    expect([saidOf(lab), saidOf(vendor)]).toEqual(['lab', 'vendor'])
    expect([saidOf({ watch: vendor.watch }), saidOf({ check: lab.check })]).toEqual(['vendor', 'lab'])
  })

  test('are called neither where some are the one’s and some the other’s', () => {
    expect([saidOf({ ...lab, watch: vendor.watch }), saidOf({ ...vendor, watch: lab.watch })]).toEqual([
      'mixed',
      'mixed',
    ])
    // Out after two looks is sooner than the vendor says.
    expect(saidOf({ ...vendor, check: check(10_000, 2) })).toBe('mixed')
  })
})
