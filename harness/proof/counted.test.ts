import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf } from '../analysis/history.fixture.ts'
import { countedBy } from './counted.ts'
import type { Journalled } from './served-truth.ts'

const LANE = 'kept-alive'
const history = historyOf({ seconds: 12, trouble: [{ from: 9000, to: 9100, how: 'wrong' }] })
const analysis = analyse(history)
const [calls] = history.lanes
const prefix = calls?.header.requestIdPrefix ?? ''

/** As a server would have written it that answered 503 to the calls that were wrong. */
const journal: readonly Journalled[] = Array.from({ length: calls?.count ?? 0 }, (_, i) => ({
  id: `${prefix}${i}`,
  status: calls?.status[i] ?? 0,
  isLast: false,
}))
const wrong = journal.findIndex(({ status }) => status === 503)

const counted = (of: readonly Journalled[]) => countedBy(LANE, { history, analysis, journal: of })

test('both count the same calls where the server gave what the callers got', () => {
  expect(counted(journal)).toEqual({ said: 20, known: 20, contradicted: 0, inTheAct: 0 })
})

test('a call that the server answered and the callers call lost is contradicted', () => {
  const other = journal.with(wrong, { id: `${prefix}${wrong}`, status: 200, isLast: false })
  expect(counted(other)).toEqual({ said: 20, known: 19, contradicted: 1, inTheAct: 0 })
})

test('a call that callers were answered and the server never saw is contradicted', () => {
  expect(counted(journal.slice(1))).toEqual({ said: 20, known: 21, contradicted: 1, inTheAct: 0 })
})

test('the last call of a killed server is in neither count', () => {
  const killed = journal.with(wrong, { id: `${prefix}${wrong}`, status: 200, isLast: true })
  expect(counted(killed)).toEqual({ said: 19, known: 19, contradicted: 0, inTheAct: 1 })
})
