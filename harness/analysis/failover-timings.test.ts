import { describe, expect, test } from 'vitest'
import type { Event, Settings } from '../history/event.ts'
import type { RotationState } from '../topology/check.ts'
import type { Node } from '../topology/topology.ts'
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

const DATABASE: Node = { name: 'database-1', role: 'database', zone: 'a', containers: [] }

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

describe('how long a failover took', () => {
  const successor = opinion(17_000, 'primary', 'database-2', 'in', 'standby')
  const dropped = opinion(10_000, 'primary', 'database-1', 'out', 'in')

  const failoversOf = (faults: readonly Broken[], events: readonly Event[], settings: Partial<Settings> = {}) => {
    const history = historyOf({ faults, events: [...PAIR, ...events], seconds: 40 })
    const told = history.events.map((event) =>
      event.kind === 'run' ? { ...event, settings: { ...event.settings, ...settings } } : event,
    )
    return analyse({ ...history, events: told }).timings.filter(({ measure }) => measure === 'failover')
  }

  test('counts from the loss of the primary to the member that writes are given to next', () => {
    expect(failoversOf([kill('database-1')], [dropped, successor])).toEqual([
      {
        measure: 'failover',
        of: 'database-1',
        at: 'database-balancer',
        faultId: 'kill-8000',
        took: { point: 8930, min: 8875, max: 8985 },
        censored: false,
      },
    ])
  })

  test('is not counted for a standby', () => {
    expect(failoversOf([kill('database-2')], [opinion(10_000, 'primary', 'database-2', 'out', 'standby')])).toEqual([])
  })

  test('is not counted where nobody was left to follow: who runs again first is no successor', () => {
    const all: Broken = { kind: 'outage', targets: ['database-1', 'database-2'], at: 8000, healAt: 16_000 }
    const gone = opinion(10_000, 'primary', 'database-2', 'out', 'standby')
    expect(failoversOf([all], [dropped, gone, opinion(17_000, 'primary', 'database-2', 'in', 'out')])).toEqual([])
  })

  test('is not counted where the old primary was never dropped, or came back', () => {
    expect(failoversOf([kill('database-1')], [])).toEqual([])
    expect(failoversOf([kill('database-1')], [dropped, opinion(12_000, 'primary', 'database-1', 'in', 'out')])).toEqual(
      [],
    )
  })

  test('is censored where nobody followed until the run ended', () => {
    const [failover] = failoversOf([kill('database-1')], [dropped])
    expect(failover?.censored).toBe(true)
    expect(failover?.took.point).toBeCloseTo(40_000 - 8025, -1)
  })

  test('is predicted from the lease, the race for it and the balancer’s check', () => {
    const check = { interMs: 1000, fastinterMs: 500, downinterMs: 1000, fall: 2, rise: 2, timeoutMs: 1000 }
    const settings = {
      patroni: { ttlMs: 8000, loopWaitMs: 2000, retryTimeoutMs: 3000 },
      checks: { 'database-balancer': check },
    }
    const predictedFor = (fault: Broken) => {
      const [found] = failoversOf([fault], [dropped, successor], settings)
      return [found?.predictedMinMs, found?.predictedMaxMs]
    }
    expect(predictedFor(kill('database-1'))).toEqual([6000, 12_505])
    expect(predictedFor({ ...kill('database-1'), kind: 'outage' })).toEqual([6000, 14_505])
    expect(predictedFor({ ...kill('database-1'), kind: 'stop' })).toEqual([0, 7505])
    expect(predictedFor({ ...kill('database-1'), kind: 'slow' })).toEqual([undefined, undefined])
  })

  test('the balancer of the database is predicted to drop its primary too, and not the members of the backend that only watches', () => {
    const check = { interMs: 1000, fastinterMs: 500, downinterMs: 1000, fall: 2, rise: 2, timeoutMs: 1000 }
    const history = historyOf({
      faults: [kill('database-1')],
      events: [...PAIR, dropped, opinion(10_000, 'databases', 'database-1', 'out', 'in')],
      seconds: 40,
    })
    const events = history.events.map((event) =>
      event.kind === 'run'
        ? {
            ...event,
            settings: { ...event.settings, checks: { 'database-balancer': check } },
            topology: { ...event.topology, nodes: [...event.topology.nodes, DATABASE] },
          }
        : event,
    )
    const ejections = analyse({ ...history, events }).timings.filter(({ measure }) => measure === 'ejection')
    expect(ejections.map(({ at, predictedMaxMs }) => [at, predictedMaxMs])).toEqual([
      ['database-balancer (primary)', 3505],
      ['database-balancer (databases)', undefined],
    ])
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
