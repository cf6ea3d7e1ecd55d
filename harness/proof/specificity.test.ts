import { expect, test } from 'vitest'
import { type HealthyPlaying, playingsOf, sayInconclusive, specificityTable, whyNotSpecific } from './specificity.ts'

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
