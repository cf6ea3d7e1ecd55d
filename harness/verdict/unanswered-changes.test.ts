import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from './judge.ts'

const change = (at: number, stage: 'sent' | 'accepted' | 'refused' | 'unknown', because?: string): Event => ({
  kind: 'change',
  at,
  id: `change-${at}`,
  by: 'operator',
  what: 'change route orders',
  stage,
  ...(because !== undefined && { because }),
})

const findingOf = (events: readonly Event[]) => {
  const history = historyOf({ events, demand: { unansweredChanges: 0 } })
  return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'unansweredChanges')
}

test('a change that is refused, or answered by an error, is answered', () => {
  const events = [change(9000, 'unknown', 'status 503: the database is away'), change(9500, 'refused', 'status 400')]
  expect(findingOf(events)).toMatchObject({ outcome: 'pass', measured: 0 })
})

test('a change that nobody answers is not', () => {
  expect(findingOf([change(9000, 'accepted'), change(10_000, 'unknown', 'The operation was aborted')])).toMatchObject({
    outcome: 'fail',
    measured: 1,
    culprit: 'control-plane-1, control-plane-2',
    because: expect.stringMatching(/1 change of 2 got no answer, .*aborted/),
  })
})

test('a status on record is an answer, whatever is said beside it; without one nobody answered', () => {
  const told = { because: 'the store is away', status: 503 }
  const write = { kind: 'write', id: 'write-1', key: 'k', value: 'v', stage: 'unknown' } as const
  const events = [
    { ...change(9000, 'unknown'), ...told },
    { ...write, at: 9100, ...told },
  ]
  expect(findingOf(events)).toMatchObject({ outcome: 'pass', measured: 0 })
  expect(findingOf([...events, { ...write, at: 9200, because: 'the store is away' }])).toMatchObject({ measured: 1 })
})

type Said = { readonly because: string; readonly said: string | null }

const saved = (at: number, told: Said, stage: 'unknown' | 'refused' = 'unknown'): Event => ({
  kind: 'change',
  at,
  id: `edit-${at}`,
  by: 'dashboard',
  what: 'edit route orders',
  stage,
  ...told,
})

test('a save of which the page says that it came to nothing is answered', () => {
  const told = { because: 'the save was answered with status 503', said: 'Not confirmed: the database is away' }
  expect(findingOf([saved(9000, told)])).toMatchObject({ outcome: 'pass', measured: 0 })
})

test('a save of which the page says nothing is not, whatever its script was answered with', () => {
  const told = { because: 'the save was answered with status 503, and the page says nothing of it', said: null }
  expect(findingOf([saved(9000, told, 'refused')])).toMatchObject({ outcome: 'fail', measured: 1 })
  expect(findingOf([saved(9000, told)])).toMatchObject({
    outcome: 'fail',
    measured: 1,
    culprit: 'control-plane-1, control-plane-2',
    because: expect.stringMatching(/the page says nothing of it/),
  })
})

test('of changes before the fault nothing is said, and without any it is inconclusive', () => {
  expect(findingOf([change(2000, 'unknown', 'The operation was aborted')])?.outcome).toBe('inconclusive')
})
