import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { type HistorySpec, historyOf } from '../analysis/history.fixture.ts'
import { sightedBy } from './sighting.ts'
import type { Truth } from './truth.ts'

const LANE = 'kept-alive'

const truth = (from: number, to: number): Truth => ({
  kind: 'stall',
  askedMs: to - from,
  from: [from, from],
  to: [to, to],
})

const seen = (spec: HistorySpec, truths: readonly Truth[], stills: readonly (readonly [number, number])[] = []) => {
  const history = historyOf({ rate: 1000, seconds: 12, ...spec })
  return sightedBy(LANE, { history, analysis: analyse(history), truths, stills })
}

describe('an outage that was made', () => {
  test('is found with its error, and its bounds hold', () => {
    const { sightings, falseOnes } = seen({ trouble: [{ from: 9000, to: 9100, how: 'refused' }] }, [truth(9000, 9100)])
    expect(falseOnes).toEqual([])
    expect(sightings).toEqual([expect.objectContaining({ seen: 'found', holds: true })])
    expect(Math.abs(sightings[0]?.errorMs ?? Number.NaN)).toBeLessThan(3)
  })

  test('is missed where callers were served all the while', () => {
    expect(seen({}, [truth(9000, 9100)]).sightings).toEqual([
      expect.objectContaining({ seen: 'missed', errorMs: null, holds: null }),
    ])
  })

  test('is doubted, not missed, where the sensor says that the machine stood still', () => {
    const lanes = ['kept-alive', 'new-connections', 'control']
    const spec = { trouble: [{ from: 9000, to: 9100, how: 'stall', lanes }] } as const
    expect(seen(spec, [truth(9000, 9100)]).sightings).toEqual([expect.objectContaining({ seen: 'doubted' })])
  })

  test('is outside of its bounds where it really lasted longer', () => {
    const spec = { trouble: [{ from: 9000, to: 9100, how: 'refused' }] } as const
    expect(seen(spec, [truth(9000, 9160)]).sightings).toEqual([
      expect.objectContaining({ seen: 'found', holds: false }),
    ])
  })
})

describe('an outage that nobody made', () => {
  const spec = { trouble: [{ from: 9000, to: 9100, how: 'refused' }] } as const

  test('is a false one', () => {
    expect(seen(spec, [truth(10_000, 10_050)]).falseOnes).toEqual([expect.objectContaining({ kind: 'full' })])
  })

  test('is none where the server stood still by its own word', () => {
    expect(seen(spec, [], [[9020, 9080]]).falseOnes).toEqual([])
  })
})
