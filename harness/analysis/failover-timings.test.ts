import { describe, expect, test } from 'vitest'
import type { Event, RotationState } from '../history/event.ts'
import { analyse } from './analyse.ts'
import type { Timing } from './analysis.ts'
import { type Broken, historyOf } from './history.fixture.ts'

const opinion = (at: number, backend: string, node: string, state: RotationState, was?: RotationState): Event => ({
  kind: 'rotation',
  at,
  balancer: 'database-balancer',
  backend,
  node,
  state,
  lastLookAt: at - 100,
  ...(was && { was }),
})

/** A pair in which database-1 is the primary. */
const PAIR = [
  opinion(3, 'primary', 'database-1', 'in'),
  opinion(3, 'primary', 'database-2', 'standby'),
  opinion(3, 'databases', 'database-1', 'in'),
  opinion(3, 'databases', 'database-2', 'in'),
]

const kill = (node: string): Broken => ({ kind: 'kill', targets: [node], at: 8000, healAt: 20_000 })

const timingsOf = (faults: readonly Broken[], events: readonly Event[]): readonly Timing[] =>
  analyse(historyOf({ faults, events: [...PAIR, ...events], seconds: 40 })).timings.filter(
    (timing) => timing.measure === 'ejection' || timing.measure === 'readmission',
  )

const told = (timings: readonly Timing[]) =>
  timings.map(({ measure, at, censored }) => `${measure} at ${at}${censored ? ' never came' : ''}`)

describe('a failover', () => {
  const failover = [
    opinion(10_000, 'primary', 'database-1', 'out', 'in'),
    opinion(10_000, 'databases', 'database-1', 'out', 'in'),
    opinion(17_000, 'primary', 'database-2', 'in', 'standby'),
  ]

  test('is over for the old primary once it runs again as the standby', () => {
    const rejoined = [
      opinion(24_000, 'primary', 'database-1', 'standby', 'out'),
      opinion(25_000, 'databases', 'database-1', 'in', 'out'),
    ]
    expect(told(timingsOf([kill('database-1')], [...failover, ...rejoined]))).toEqual([
      'ejection at database-balancer (primary)',
      'ejection at database-balancer (databases)',
      'readmission at database-balancer (primary)',
      'readmission at database-balancer (databases)',
    ])
  })

  test('is not over while the old primary answers and does not run', () => {
    const answers = [opinion(24_000, 'primary', 'database-1', 'standby', 'out')]
    expect(told(timingsOf([kill('database-1')], [...failover, ...answers]))).toContain(
      'readmission at database-balancer (databases) never came',
    )
  })
})

describe('the loss of a standby', () => {
  const lost = [
    opinion(10_000, 'primary', 'database-2', 'out', 'standby'),
    opinion(10_000, 'databases', 'database-2', 'out', 'in'),
    opinion(24_000, 'primary', 'database-2', 'standby', 'out'),
    opinion(25_000, 'databases', 'database-2', 'in', 'out'),
  ]

  test('takes nothing from the backend that gave it nothing', () => {
    expect(told(timingsOf([kill('database-2')], lost))).toEqual([
      'ejection at database-balancer (databases)',
      'readmission at database-balancer (primary)',
      'readmission at database-balancer (databases)',
    ])
  })
})
