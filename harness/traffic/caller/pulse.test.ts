import { expect, test } from 'vitest'
import { createPulse } from './pulse.ts'

test('a gap of 3 ms is the breath of the loop, a longer one a stall', () => {
  const pulse = createPulse()
  for (const at of [100, 103, 106.5, 107]) pulse.beat(at)
  expect(pulse.take()).toEqual([{ from: 103, to: 106.5 }])
  expect(pulse.take()).toEqual([])
})

test('time before the first beat is no stall', () => {
  const pulse = createPulse()
  pulse.beat(5000)
  expect(pulse.take()).toEqual([])
})

test('stalls at most 1 ms apart are one', () => {
  const pulse = createPulse()
  for (const at of [0, 10, 11, 21, 23, 33]) pulse.beat(at)
  expect(pulse.take()).toEqual([
    { from: 0, to: 21 },
    { from: 23, to: 33 },
  ])
})

test('an instant inside a sleep was slept through, noted or not yet; one before it was not', () => {
  const pulse = createPulse()
  pulse.beat(0)
  expect([pulse.sleptThrough(40, 50), pulse.sleptThrough(-1, 50), pulse.sleptThrough(1, 2)]).toEqual([
    true,
    false,
    false,
  ])
  pulse.beat(50)
  expect([pulse.sleptThrough(40, 51), pulse.sleptThrough(-1, 51), pulse.sleptThrough(50.5, 51)]).toEqual([
    true,
    false,
    false,
  ])
})
