import { describe, expect, test } from 'vitest'
import { createInFlightCap } from './in-flight-cap.ts'

const lane = { rate: 1000, deadlineMs: 2000, startMs: 0 }

describe('while somebody is answered', () => {
  test('1.2 deadlines of calls and 16 may be out, and not one more', () => {
    const cap = createInFlightCap(lane)
    expect(cap.admits(1, 2415)).toBe(true)
    expect(cap.admits(1, 2416)).toBe(false)
  })

  test('a dead node of two parks half the calls and sheds none', () => {
    const cap = createInFlightCap(lane)
    let parked = 0
    for (let at = 0; at < 2000; at++) {
      expect(cap.admits(at, parked)).toBe(true)
      if (at % 2 === 0) cap.ended(at, 'none')
      else parked += 1
    }
  })
})

describe('while nobody is answered', () => {
  const admittedOver = (
    from: number,
    to: number,
    end: Parameters<ReturnType<typeof createInFlightCap>['ended']>[1] | null,
  ): number => {
    const cap = createInFlightCap(lane)
    let admitted = 0
    for (let at = from; at < to; at++) {
      if (!cap.admits(at, 0)) continue
      admitted += 1
      if (end) cap.ended(at, end)
    }
    return admitted
  }

  test('for 100 ms nothing changes', () => {
    expect(admittedOver(1, 101, null)).toBe(100)
  })

  test('after 100 ms 64 more are sent, then one in 20 ms', () => {
    expect(admittedOver(101, 165, null)).toBe(64)
    expect(admittedOver(101, 1165, null)).toBe(64 + 50)
  })

  test('calls that fail at once leave nothing behind, so all are sent', () => {
    expect(admittedOver(101, 2101, 'connection-refused')).toBe(2000)
    expect(admittedOver(101, 2101, 'server-error')).toBe(2000)
  })

  test('calls that run into their deadline do not give their place back', () => {
    expect(admittedOver(101, 1165, 'deadline')).toBe(64 + 50)
  })

  test('time that we slept through does not count', () => {
    const cap = createInFlightCap(lane)
    cap.slept(400)
    for (let at = 401; at <= 500; at++) expect([at, cap.admits(at, 0)]).toEqual([at, true])
    const after = [501, 502, 503].map((at) => cap.admits(at, 0))
    expect(after).toEqual([true, true, true])
    let more = 3
    for (let at = 504; at < 1600; at++) more += cap.admits(at, 0) ? 1 : 0
    expect(more).toBeLessThan(64 + 60)
  })

  test('the first answer sends all again', () => {
    const cap = createInFlightCap(lane)
    for (let at = 101; at < 400; at++) cap.admits(at, 0)
    expect(cap.admits(400, 0) && cap.admits(401, 0)).toBe(false)
    cap.ended(402, 'none')
    expect([403, 404, 405].map((at) => cap.admits(at, 0))).toEqual([true, true, true])
  })
})
