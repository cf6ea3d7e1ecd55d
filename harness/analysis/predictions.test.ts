import { expect, test } from 'vitest'
import type { FaultKind } from '../history/event.ts'
import { predictedReadmissionMs } from './predictions.ts'

/** As `inter 1s fastinter 250ms downinter 500ms rise 2 fall 3`. */
const CHECK = { interMs: 1000, fastinterMs: 250, downinterMs: 500, timeoutMs: 500, rise: 2, fall: 3 }

const OWN = { asksOthers: false }

// How long a process takes to start is no setting of the balancer’s, and would be a slow balancer in the report.
test.each<FaultKind>(['stop', 'kill', 'crash', 'restart', 'upgrade'])(
  'nothing is predicted of a node that %s ended',
  (kind) => {
    expect(predictedReadmissionMs([kind], CHECK, OWN)).toBeNull()
  },
)

test('nothing is predicted of a node that was drained and restarted meanwhile', () => {
  expect(predictedReadmissionMs(['drain', 'restart'], CHECK, OWN)).toBeNull()
})

// downinter, an answer, rise - 1 times fastinter; and a check that was under way without its packets has to fail first.
test.each<[FaultKind, number]>([
  ['drain', 755],
  ['pause', 755],
  ['reject', 755],
  ['isolate', 1255],
  ['one-way', 1255],
  ['partition', 1255],
  ['loss', 1255],
])('of a node that %s had, what the checks need is predicted: %i ms', (kind, ms) => {
  expect(predictedReadmissionMs([kind], CHECK, OWN)).toBe(ms)
})

test('nothing is predicted where no check is known', () => {
  expect(predictedReadmissionMs(['isolate'], undefined, OWN)).toBeNull()
})

// Whom it asks it has to find again first, and how long that takes no setting says.
test.each<[FaultKind, number | null]>([
  ['drain', 755],
  ['slow', 755],
  ['pause', null],
  ['reject', null],
  ['isolate', null],
  ['one-way', null],
  ['partition', null],
  ['loss', null],
])('of a node that answers by what others say, and that %s had, %s ms are predicted', (kind, ms) => {
  expect(predictedReadmissionMs([kind], CHECK, { asksOthers: true })).toBe(ms)
})
