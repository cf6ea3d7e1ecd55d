import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from './prove-specificity.ts'
import { keep, keptIn } from './slices.ts'
import {
  type HealthyPlaying,
  lessThanPlayings,
  playingsOf,
  type Repetition,
  refuseOthers,
  sayInconclusive,
  saySlices,
  specificityTable,
  whyBlind,
  whyNotSpecific,
  whyRunsShowLess,
} from './specificity.ts'

const playing = (outcome: HealthyPlaying['outcome'], seed: number, before: readonly string[] = []): HealthyPlaying => ({
  scenario: 'frozen-node',
  outcome,
  seed,
  because: outcome === 'pass' ? '' : 'The machine was busy.',
  before,
})

const passes = (count: number): readonly HealthyPlaying[] =>
  Array.from({ length: count }, (_, seed) => playing('pass', seed))

const quiet = { isOversubscribed: false }

test('fifty passes show it, and so do forty-nine with one that proved nothing', () => {
  expect(whyNotSpecific(passes(50), quiet)).toEqual([])
  expect(whyNotSpecific([...passes(49), playing('inconclusive', 50)], quiet)).toEqual([])
})

test('one failure among a thousand does not, on any machine', () => {
  const playings = [...passes(999), playing('fail', 1000)]
  expect(whyNotSpecific(playings, quiet)).toEqual(['1 of 1000 failed'])
  expect(whyNotSpecific(playings, { isOversubscribed: true })).toEqual(['1 of 1000 failed'])
})

test('one inconclusive in ten does not, but on an oversubscribed machine', () => {
  const playings = [...passes(9), playing('inconclusive', 10)]
  expect(whyNotSpecific(playings, quiet)).toEqual(['1 of 10 were inconclusive, more than 2 %'])
  expect(whyNotSpecific(playings, { isOversubscribed: true })).toEqual([])
})

test('nothing played shows nothing', () => {
  expect(whyNotSpecific([], { isOversubscribed: true })).toEqual(['nothing was played'])
})

test('the table counts by scenario, and gives each reason with its seed, those of the attempts before among them', () => {
  const playings = [playing('pass', 1), playing('pass', 2, ['The machine stood still.']), playing('inconclusive', 3)]
  expect(specificityTable(playings).split('\n')).toEqual([
    'scenario     played  pass  inconclusive  fail  again',
    'frozen-node       3     2             1     0      1',
    'played again  frozen-node, seed 2: The machine stood still.',
    'inconclusive  frozen-node, seed 3: The machine was busy.',
  ])
})

test('what proved nothing at first is told beside what proved nothing in the end', () => {
  const playings = [...passes(98), playing('pass', 98, ['Busy.']), playing('inconclusive', 99, ['Busy.'])]
  expect(sayInconclusive(playings)).toBe('inconclusive at first: 2 of 100 (2.0 %); in the end: 1 of 100 (1.0 %)')
})

test('an attempt belongs to the scenario that was played again', () => {
  const scenario = { title: '', stack: 'all-in-one', findings: [], outcome: 'pass' } as const
  const scenarios = [
    { ...scenario, name: 'soak', folder: 'soak' },
    { ...scenario, name: 'frozen-node', folder: 'frozen-node' },
  ]
  const attempt = { name: 'soak', folder: 'soak.attempt-1', because: 'Busy.' }
  const told = (stays?: true) => {
    const summary = { scenarios, attempts: [{ ...attempt, stays }], seed: 7 }
    return playingsOf(summary as unknown as Parameters<typeof playingsOf>[0]).map((each) => [each.outcome, each.before])
  }
  expect(told()).toEqual([
    ['pass', ['Busy.']],
    ['pass', []],
  ])
  expect(told(true)).toEqual([
    ['inconclusive', ['Busy.']],
    ['pass', []],
  ])
})

test('slices of a proof add up from a file, and say which commits they played, and when', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'firedrill-')), 'slices')
  const slice = (seed: number, commit: string | null, startedAt: string, minutes: number): Repetition => ({
    seed,
    commit,
    startedAt,
    tookMs: minutes * 60_000,
    playings: [playing('pass', seed)],
  })
  expect(keptIn(file)).toEqual([])
  const slices = [
    slice(1, 'abc', '2026-11-27T12:00:00.000Z', 13),
    slice(2, 'abc', '2026-11-27T12:13:00.000Z', 14.04),
    slice(3, null, '2026-11-28T09:00:00.000Z', 12.5),
  ]
  for (const each of slices) keep(file, each)
  expect(keptIn(file)).toEqual(slices)
  expect(saySlices(keptIn(file))).toBe(
    '2 of abc, 1 of an unknown commit; 2026-11-27 to 2026-11-28; 12.5 to 14.0 min each',
  )
  expect(saySlices(slices.slice(0, 1))).toBe('1 of abc; 2026-11-27; 13.0 to 13.0 min each')
})

describe('a run shows', () => {
  const passed = { outcome: 'pass', skipped: [] } as const
  const inconclusive = { outcome: 'inconclusive', skipped: [] } as const

  test('what its playings do where it ends as they say', () => {
    expect(lessThanPlayings(0, passed, passes(2))).toEqual([])
    expect(lessThanPlayings(2, inconclusive, [...passes(2), playing('inconclusive', 3)])).toEqual([])
    expect(
      lessThanPlayings(1, { ...inconclusive, outcome: 'fail' }, [playing('inconclusive', 3), playing('fail', 4)]),
    ).toEqual([])
  })

  test('less where something would not go, was skipped or could not be played, also beside an inconclusive playing', () => {
    const because = { leftBehind: 'a network', couldNotRun: 'No engine.', skipped: [{ name: 'soak', because: 'Why.' }] }
    for (const playings of [passes(2), [playing('inconclusive', 3)]])
      expect(lessThanPlayings(2, { ...inconclusive, ...because }, playings)).toEqual([
        'No engine.',
        'left behind: a network',
        'soak was skipped: Why.',
      ])
  })

  test('less where its outcome or its exit code is worse, for whatever reason', () => {
    expect(lessThanPlayings(2, inconclusive, passes(2))).toEqual([
      'it ended with exit code 2 as inconclusive, where its playings come to pass',
    ])
    expect(lessThanPlayings(3, passed, passes(2))).toHaveLength(1)
    expect(lessThanPlayings(null, passed, passes(2))).toEqual([
      'it ended with a signal as pass, where its playings come to pass',
    ])
  })
})

describe('slices of one file', () => {
  const before: Repetition = { seed: 1, commit: null, startedAt: '', tookMs: 1, playings: passes(1) }
  const acceptance = { suite: 'acceptance', isOversubscribed: false, reruns: 1 }

  test('are of one suite and one load; those that do not say are of acceptance on a quiet machine', () => {
    refuseOthers('slices', [before, { ...before, ...acceptance }], acceptance)
    const refused = { code: 'ERR_FLAG' }
    expect(() => refuseOthers('slices', [before], { ...acceptance, suite: 'smoke' })).toThrow(
      expect.objectContaining({
        ...refused,
        message: expect.stringMatching(/^slices holds slices of acceptance: expected those of smoke\./),
      }),
    )
    expect(() => refuseOthers('slices', [{ ...before, ...acceptance, isOversubscribed: true }], acceptance)).toThrow(
      expect.objectContaining({
        ...refused,
        message: expect.stringContaining('of acceptance, oversubscribed: expected'),
      }),
    )
  })

  test('that were played again less often are others', () => {
    expect(() => refuseOthers('slices', [before], { ...acceptance, reruns: 0 })).toThrow(/acceptance, with 0 reruns/)
  })

  test('remember a planted defect that passed beside one of them', () => {
    const blind = { ...before, seed: 7, playings: [], blind: ['M30 passed data-plane-isolation'] }
    const seen = { ...blind, seed: 8, blind: [] }
    expect(whyBlind([before, blind, before, seen])).toEqual([
      'M30 passed data-plane-isolation, beside the run of seed 7',
    ])
    expect(saySlices([before, blind])).toMatch(/^1 of an unknown commit/)
  })

  test('are refused where they are not, before anything is played', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'firedrill-')), 'slices')
    keep(file, { ...before, suite: 'smoke' })
    await expect(main(['--times', '1', '--suite', 'no-such-suite', '--keep', file])).rejects.toMatchObject({
      code: 'ERR_FLAG',
    })
  })

  test('tell by their seed which run showed less', () => {
    expect(whyRunsShowLess([before, { ...before, seed: 7, less: ['left behind: a network'] }])).toEqual([
      'the run of seed 7: left behind: a network',
    ])
  })
})

test('nothing is kept where no file is asked for', () => {
  keep(null, playing('pass', 1))
  expect(keptIn(null)).toEqual([])
})
