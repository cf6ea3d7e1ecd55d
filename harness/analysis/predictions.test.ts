import { expect, test } from 'vitest'
import type { FaultKind } from '../history/event.ts'
import { predictedReadmissionMs } from './predictions.ts'

/** As `inter 1s fastinter 250ms downinter 500ms rise 2 fall 3`. */
const CHECK = { interMs: 1000, fastinterMs: 250, downinterMs: 500, timeoutMs: 500, rise: 2, fall: 3 }

// How long a process takes to start is no setting of the balancer’s, and would be a slow balancer in the report.
test.each<FaultKind>(['stop', 'kill', 'crash', 'restart', 'upgrade'])(
  'nothing is predicted of a node that %s ended',
  (kind) => {
    expect(predictedReadmissionMs([kind], CHECK)).toBeNull()
  },
)

test('nothing is predicted of a node that was drained and restarted meanwhile', () => {
  expect(predictedReadmissionMs(['drain', 'restart'], CHECK)).toBeNull()
})

test.each<FaultKind>(['drain', 'isolate', 'pause'])(
  'of a node that %s had, what the checks need is predicted',
  (kind) => {
    expect(predictedReadmissionMs([kind], CHECK)).toBeGreaterThanOrEqual(CHECK.downinterMs + CHECK.fastinterMs)
    expect(predictedReadmissionMs([kind], CHECK)).toBeLessThan(1500)
  },
)

test('nothing is predicted where no check is known', () => {
  expect(predictedReadmissionMs(['isolate'], undefined)).toBeNull()
})
