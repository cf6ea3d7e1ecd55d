import { describe, expect, test } from 'vitest'
import type { Event, EventOf } from '../history/event.ts'
import type { Window } from './analysis.ts'
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
const page = (at: number, tookMs: number, ok = true): EventOf<'page'> => ({
  kind: 'page',
  at,
  act: 'refresh',
  tookMs,
  ok,
})
const signedIn = (at: number): Event => ({ kind: 'signed-in', at, servedBy: 'control-plane-1' })
const END: Event = { kind: 'script', at: 10_000, outcome: 'finished' }

const session = (events: readonly Event[], judgedFrom = 2000, short: readonly Window[] = []) =>
  sessionOf([signedIn(1000), ...events, END], judgedFrom, short)
const EVERY_BEAT = beats(1250, 10_250)

describe('a session', () => {
  test('of which every beat is answered had no stall and no sign-out', () => {
    expect(session(beats(1250, 10_250))).toMatchObject({
      beats: 36,
      failedBeats: 0,
      signOuts: [],
      longestStall: { lengthMs: 0 },
      servedBy: ['control-plane-1'],
    })
  })

  test('without beats for two seconds stalled for two seconds less the usual quarter', () => {
    expect(session([...beats(1250, 5000), ...beats(7000, 10_250)])).toMatchObject({
      longestStall: { lengthMs: 2000, at: 4750, in: 'heartbeat' },
    })
  })

  test('whose beats fail to the end stalled to the end', () => {
    expect(session([...beats(1250, 5000), ...beats(5000, 10_000, 'failed')])).toMatchObject({
      failedBeats: 20,
      longestStall: { lengthMs: 5000 },
    })
  })

  test('whose beats cease before the script ends stalled until then', () => {
    expect(session(beats(1250, 5000))).toMatchObject({ longestStall: { lengthMs: 5000 } })
  })

  test('stalls for as long as an act takes to leave a usable page', () => {
    expect(session([...beats(1250, 10_250), page(6000, 900)])).toMatchObject({
      longestStall: { lengthMs: 900, at: 5100, in: 'refresh' },
    })
  })

  test('stalls from an act that failed to the next that succeeded', () => {
    expect(session([...beats(1250, 10_250), page(6000, 900, false), page(8000, 100)])).toMatchObject({
      longestStall: { lengthMs: 2900 },
    })
  })

  test('stalls from the first fault on where an act had failed before it', () => {
    expect(session([...beats(1250, 10_250), page(1900, 900, false), page(3000, 100)])).toMatchObject({
      longestStall: { lengthMs: 1000, at: 2000 },
    })
  })

  test('stalls before the first fault count for nothing', () => {
    expect(session([...beats(1250, 10_250), page(1900, 900)])).toMatchObject({ longestStall: { lengthMs: 0 } })
  })

  test('stalls for certain only for as long as the deployment owed an answer, where the browser had no processor', () => {
    const slow = { ...page(6000, 3600), waits: [[2500, 2900] as const, [5600, 6400] as const] }
    expect(session([...EVERY_BEAT, slow], 2000, [[2000, 6500]])).toMatchObject({
      longestStall: { lengthMs: 3600, atLeastMs: 800 },
    })
    expect(session([...EVERY_BEAT, slow])).toMatchObject({ longestStall: { lengthMs: 3600, atLeastMs: 3600 } })
  })

  test('of two acts, the shorter is the surer one where the longer had no processor', () => {
    const [starved, owed] = [
      { ...page(5000, 2000), waits: [] },
      { ...page(9000, 1500), waits: [[7500, 9000] as const] },
    ]
    expect(session([...EVERY_BEAT, starved, owed], 2000, [[3000, 9000]])).toMatchObject({
      longestStall: { lengthMs: 2000, atLeastMs: 0 },
      surestStall: { lengthMs: 1500, atLeastMs: 1500 },
    })
  })

  test('is not excused for an act that failed, nor without knowing what the page waited for, however busy the machine', () => {
    const failed = { ...page(6000, 900, false), waits: [] }
    expect(session([...EVERY_BEAT, failed, page(8000, 100)], 2000, [[0, 10_000]])).toMatchObject({
      longestStall: { lengthMs: 2900, atLeastMs: 2900 },
    })
    expect(session([...EVERY_BEAT, page(6000, 900)], 2000, [[0, 10_000]])).toMatchObject({
      longestStall: { lengthMs: 900, atLeastMs: 900 },
    })
  })

  test('is not told from a harness that stood still, neither by its heart nor by its page', () => {
    const still: Event = { kind: 'harness-stall', at: 7000, stallMs: 1900 }
    expect(session([...beats(1250, 5000), still, ...beats(7000, 10_250)])).toMatchObject({
      longestStall: { lengthMs: 2000, atLeastMs: 100 },
    })
    expect(session([...EVERY_BEAT, still, page(7200, 2200)])).toMatchObject({
      longestStall: { lengthMs: 2200, atLeastMs: 300 },
    })
    const owed = { ...page(7200, 2200), waits: [[5000, 6000] as const] }
    expect(session([...EVERY_BEAT, still, owed], 2000, [[5000, 7200]])).toMatchObject({
      // 5,100 to 7,000 the harness, 7,000 to 7,200 the browser; 5,000 to 5,100 is the deployment's.
      longestStall: { lengthMs: 2200, atLeastMs: 100 },
    })
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
    expect(sessionOf([END], 0, [])).toBeNull()
  })
})
