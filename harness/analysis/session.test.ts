import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { sessionOf } from './session.ts'

type Beat = 'answered' | 'signed-out' | 'failed'

const beat = (at: number, outcome: Beat = 'answered', servedBy = 'control-plane-1'): Event => ({
  kind: 'heartbeat',
  at,
  tookMs: 5,
  outcome,
  servedBy,
})
const beats = (from: number, to: number, outcome: Beat = 'answered'): readonly Event[] =>
  Array.from({ length: Math.round((to - from) / 250) }, (_, i) => beat(from + i * 250, outcome))
const page = (at: number, tookMs: number, ok = true): Event => ({ kind: 'page', at, act: 'refresh', tookMs, ok })
const signedIn = (at: number): Event => ({ kind: 'signed-in', at, servedBy: 'control-plane-1' })
const END: Event = { kind: 'script', at: 10_000, outcome: 'finished' }

const session = (events: readonly Event[], judgedFrom = 2000) => sessionOf([signedIn(1000), ...events, END], judgedFrom)

describe('a session', () => {
  test('of which every beat is answered had no stall and no sign-out', () => {
    expect(session(beats(1250, 10_250))).toMatchObject({
      beats: 36,
      failedBeats: 0,
      signOuts: [],
      longestStallMs: 0,
      servedBy: ['control-plane-1'],
    })
  })

  test('without beats for two seconds stalled for two seconds less the usual quarter', () => {
    expect(session([...beats(1250, 5000), ...beats(7000, 10_250)])).toMatchObject({
      longestStallMs: 2000,
      longestStallAt: 4750,
      longestStallIn: 'heartbeat',
    })
  })

  test('whose beats fail to the end stalled to the end', () => {
    expect(session([...beats(1250, 5000), ...beats(5000, 10_000, 'failed')])).toMatchObject({
      failedBeats: 20,
      longestStallMs: 5000,
    })
  })

  test('whose beats cease before the script ends stalled until then', () => {
    expect(session(beats(1250, 5000))).toMatchObject({ longestStallMs: 5000 })
  })

  test('stalls for as long as an act takes to leave a usable page', () => {
    expect(session([...beats(1250, 10_250), page(6000, 900)])).toMatchObject({
      longestStallMs: 900,
      longestStallAt: 5100,
      longestStallIn: 'refresh',
    })
  })

  test('stalls from an act that failed to the next that succeeded', () => {
    expect(session([...beats(1250, 10_250), page(6000, 900, false), page(8000, 100)])).toMatchObject({
      longestStallMs: 2900,
    })
  })

  test('stalls from the first fault on where an act had failed before it', () => {
    expect(session([...beats(1250, 10_250), page(1900, 900, false), page(3000, 100)])).toMatchObject({
      longestStallMs: 1000,
      longestStallAt: 2000,
    })
  })

  test('stalls before the first fault count for nothing', () => {
    expect(session([...beats(1250, 10_250), page(1900, 900)])).toMatchObject({ longestStallMs: 0 })
  })

  test('signed out for several beats was signed out once, by the node that said so', () => {
    expect(
      session([
        ...beats(1250, 5000),
        beat(5000, 'signed-out', 'control-plane-2'),
        beat(5250, 'signed-out', 'control-plane-2'),
        ...beats(5500, 10_250),
      ]),
    ).toMatchObject({ signOuts: [5000], signedOutBy: ['control-plane-2'] })
  })

  test('signed out, in and out again was signed out twice', () => {
    expect(
      session([
        ...beats(1250, 5000),
        beat(5000, 'signed-out'),
        ...beats(5250, 6000),
        beat(6000, 'signed-out'),
        ...beats(6250, 10_250),
      ])?.signOuts,
    ).toEqual([5000, 6000])
  })

  test('that had to sign in again was signed out, beats or no beats', () => {
    expect(session([...beats(1250, 10_250), signedIn(6000)])?.signOuts).toEqual([6000])
  })

  test('that nobody began is none', () => {
    expect(sessionOf([END], 0)).toBeNull()
  })
})
