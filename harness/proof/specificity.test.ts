import { expect, test } from 'vitest'
import { type HealthyPlaying, specificityTable, whyNotSpecific } from './specificity.ts'

const playing = (outcome: HealthyPlaying['outcome'], seed: number): HealthyPlaying => ({
  scenario: 'frozen-node',
  outcome,
  seed,
  because: outcome === 'pass' ? '' : 'The machine was busy.',
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

test('the table counts by scenario, and gives each reason with its seed', () => {
  expect(specificityTable([playing('pass', 1), playing('inconclusive', 2)]).split('\n')).toEqual([
    'scenario     played  pass  inconclusive  fail',
    'frozen-node       2     1             1     0',
    'inconclusive  frozen-node, seed 2: The machine was busy.',
  ])
})
