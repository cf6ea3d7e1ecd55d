import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { analyse } from './analyse.ts'
import type { Disturbance } from './analysis.ts'
import { historyOf } from './history.fixture.ts'

const stall = (from: number, to: number, zone?: string): Event => ({
  kind: 'generator-stall',
  at: to,
  stallMs: to - from,
  ...(zone !== undefined && { zone }),
})

const stallsIn = (...events: readonly Event[]): readonly Disturbance[] =>
  (analyse(historyOf({ events })).disturbances ?? []).filter(({ source }) => source === 'own stall')

describe('standstills of generators', () => {
  test('of two zones are no longer one between them', () => {
    expect(stallsIn(stall(9100, 9140, 'a'), stall(9135, 9175, 'b'))).toMatchObject([
      { window: [9100, 9140], isSerious: false },
      { window: [9135, 9175], isSerious: false },
    ])
    expect(analyse(historyOf({ events: [stall(9100, 9140, 'a'), stall(9135, 9175, 'b')] })).doubts).toEqual([])
  })

  test('of one zone that touch are one, and the zone is named', () => {
    expect(stallsIn(stall(9100, 9140, 'b'), stall(9135, 9175, 'b'), stall(9100, 9160))).toMatchObject([
      { window: [9100, 9175], isSerious: true, because: 'the generator in zone b stood still for 75 ms at 9.1 s' },
      { window: [9100, 9160], isSerious: true, because: 'the generator stood still for 60 ms at 9.1 s' },
    ])
  })
})
