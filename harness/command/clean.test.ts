// What `clean` says of what it left alone: whose it is, why, and what to do.
import { expect, test } from 'vitest'
import { thisProcess } from '../topology/holder.ts'
import { sayLeftAlone } from './clean.ts'

const owner = { ...thisProcess(), pid: 7, host: 'ci-7', user: 'alice', stays: false }

test('of a run that lives, whose process it is', () => {
  expect(sayLeftAlone({ run: 'fd-1', life: 'alive', owner })).toBe('run fd-1 of alice on ci-7: it lives (process 7)')
})

test('of one of which nobody can tell, how to remove it all the same', () => {
  expect(sayLeftAlone({ run: 'fd-1', life: 'unknown', owner })).toBe(
    'run fd-1 of alice on ci-7: whether it lives cannot be seen from here. `npm run clean -- fd-1` removes it all the same',
  )
  expect(sayLeftAlone({ run: 'fd-1', life: 'unknown', owner: { ...owner, stays: true } })).toBe(
    'run fd-1 of alice on ci-7: it may be meant to stay. `npm run clean -- fd-1` removes it all the same',
  )
  expect(sayLeftAlone({ run: 'fd-1', life: 'unknown', owner: null })).toBe(
    'run fd-1, which does not say whose it is: whether it lives cannot be seen from here. `npm run clean -- fd-1` removes it all the same',
  )
})
