import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keep, keptIn } from './slices.ts'
import {
  type HealthyPlaying,
  playingsOf,
  type Repetition,
  sayInconclusive,
  saySlices,
  specificityTable,
  whyNotSpecific,
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

test('nothing is kept where no file is asked for', () => {
  keep(null, playing('pass', 1))
  expect(keptIn(null)).toEqual([])
})
