// Steps of the runbook, on record as they begin and end.
import { expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { onRecord } from './steps.ts'

/** Steps on a clock that each look moves by one ms, and what was recorded and shown of them. */
const recorded = () => {
  let nowMs = 0
  const [events, shown]: [Event[], string[]] = [[], []]
  const clock = {
    now: () => {
      nowMs += 1
      return nowMs
    },
  }
  const step = onRecord({ recorder: { record: (event) => void events.push(event) }, clock }, (title, act) => {
    shown.push(title)
    return act()
  })
  return { step, events, shown }
}

test('a step is numbered, shown under its title, and resolves with what its act did', async () => {
  const { step, events, shown } = recorded()
  expect(await step('Sign in', async () => 7)).toBe(7)
  await step('Refresh', async () => {})
  expect(shown).toEqual(['Sign in', 'Refresh'])
  expect(events).toEqual([
    { kind: 'step', id: 1, title: 'Sign in', at: 1, stage: 'begin' },
    { kind: 'step', id: 1, title: 'Sign in', at: 2, stage: 'end' },
    { kind: 'step', id: 2, title: 'Refresh', at: 3, stage: 'begin' },
    { kind: 'step', id: 2, title: 'Refresh', at: 4, stage: 'end' },
  ])
})

test('a step whose act rejects ends with the first line of why, and rejects with the same error', async () => {
  const { step, events } = recorded()
  const error = new Error('nobody answered\nand here is the call log')
  await expect(step('Sign in', () => Promise.reject(error))).rejects.toBe(error)
  expect(events.at(-1)).toMatchObject({ stage: 'end', error: 'nobody answered' })
})
