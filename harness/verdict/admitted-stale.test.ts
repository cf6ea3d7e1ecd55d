import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf, KILL } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from './judge.ts'

const OTHERS = ['data-plane-2', 'data-plane-3']
/** When the balancer trusts the gateway that was stopped again. */
const ADMITTED = KILL.healAt + 2000

const change = (
  at: number,
  stage: 'sent' | 'accepted' | 'seen',
  more: { node?: string; lastLookAt?: number } = {},
): Event => ({
  kind: 'change',
  at,
  id: 'missed',
  by: 'operator',
  what: 'change route orders',
  stage,
  ...more,
})

/** A change accepted at `acceptedAt` and seen 200 ms later at the others, or at `othersAt`; the gateway that was out is looked at from `from` on. */
const findingOf = (told: Partial<Record<'acceptedAt' | 'othersAt' | 'from' | 'lastLookAt', number>>) => {
  const { acceptedAt = 10_000, from = ADMITTED + 50 } = told
  const { othersAt = acceptedAt + 200, lastLookAt = from } = told
  const seenAt = lastLookAt + 30
  const events: readonly Event[] = [
    change(acceptedAt - 10, 'sent'),
    change(acceptedAt, 'accepted'),
    ...OTHERS.map((node) => change(othersAt, 'seen', { node, lastLookAt: othersAt - 30 })),
    change(seenAt, 'seen', { node: 'data-plane-1', lastLookAt }),
    {
      kind: 'observation',
      at: seenAt,
      observed: 'reaches',
      change: 'missed',
      nodes: ['data-plane-1'],
      outcome: 'seen',
      waitedMs: seenAt - from,
    },
  ]
  const history = historyOf({
    seconds: 40,
    faults: [{ ...KILL, kind: 'stop' }],
    events,
    demand: { convergence: '40s' },
  })
  return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'convergence')
}

describe('a gateway that was out while something was changed', () => {
  test('and is in rotation without it fails, however soon it has it then', () => {
    expect(findingOf({ lastLookAt: ADMITTED + 900 })).toMatchObject({
      outcome: 'fail',
      culprit: 'data-plane-1',
      at: ADMITTED + 900,
      because:
        "data-plane-1 served with an old configuration: change 'change route orders' was accepted at 10.00 s while data-plane-1 was out of rotation, and data-plane-1, in rotation again at 16.00 s, did not show it 900 ms later.",
    })
  })

  test('and shows it at the first look passes: nobody saw it missing', () => {
    expect(findingOf({ from: ADMITTED + 900 })?.outcome).toBe('pass')
  })

  test('is not accused by a look before it was admitted, or at that time', () => {
    expect(findingOf({ from: ADMITTED - 1500, lastLookAt: ADMITTED - 50 })?.outcome).toBe('pass')
    expect(findingOf({ lastLookAt: ADMITTED + 90 })?.outcome).toBe('pass')
  })

  test('is not accused of what was on its way to everybody as it came back', () => {
    expect(
      findingOf({ acceptedAt: ADMITTED - 50, othersAt: ADMITTED + 150, lastLookAt: ADMITTED + 180 })?.outcome,
    ).toBe('pass')
  })

  test('is not accused of what was changed before or after', () => {
    expect(findingOf({ acceptedAt: 8900, lastLookAt: ADMITTED + 900 })?.outcome).toBe('pass')
    expect(findingOf({ acceptedAt: ADMITTED + 100, from: ADMITTED + 110, lastLookAt: ADMITTED + 900 })?.outcome).toBe(
      'pass',
    )
  })
})
