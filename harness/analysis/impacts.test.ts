import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import type { BalancerCall } from '../history/history.ts'
import { analyse } from './analyse.ts'
import { type Broken, historyOf, KILL } from './history.fixture.ts'

const engine = (at: number, action: string, more: { signal?: string; exitCode?: number } = {}): Event => ({
  kind: 'engine',
  at,
  container: 'id-data-plane-1',
  node: 'data-plane-1',
  action,
  ...more,
})

/** Both lanes' calls that arrive in [at, at + 5) are refused, and the balancer's log says that data-plane-1 had them. */
const lossesAt = (
  at: number,
  faults: readonly Broken[],
  events: readonly Event[],
  but: (event: Event) => Event = (event) => event,
) => {
  const spec = { faults, events, trouble: [{ from: at, to: at + 5, how: 'refused' }] } as const
  const { lanes } = historyOf(spec)
  const balancerCalls = lanes.flatMap(({ header, status }): readonly BalancerCall[] =>
    header.purpose === 'callers'
      ? [...status.keys()].flatMap((i): readonly BalancerCall[] => {
          const from = header.t0 + (i * 1000) / header.rate
          const requestId = `${header.requestIdPrefix}${i}`
          const line = { requestId, node: 'data-plane-1', termination: 'SH--', retries: 0, status: 502 }
          return status[i] === 0 ? [{ ...line, from, to: from + 3 }] : []
        })
      : [],
  )
  const history = historyOf({ ...spec, balancerCalls })
  return analyse({ ...history, events: history.events.map(but) }).losses[0]
}

describe('a gateway that flaps', () => {
  const flap: Broken = { ...KILL, kind: 'flap', asked: { downMs: 1000, upMs: 3000 } }
  const beats = [
    engine(8015, 'kill', { signal: '9' }),
    engine(8040, 'die', { exitCode: 137 }),
    engine(9050, 'start'),
    engine(12_015, 'kill', { signal: '9' }),
    engine(12_040, 'die', { exitCode: 137 }),
  ]

  test('takes with it what is in flight at each of its kills', () => {
    for (const at of [8017, 12_017]) expect(lossesAt(at, [flap], beats)).toMatchObject({ lost: 2, inFlightOnTarget: 2 })
  })

  test('excuses nothing in between, nor where it ended by itself', () => {
    expect(lossesAt(10_500, [flap], beats)).toMatchObject({ lost: 2, inFlightOnTarget: 0, scheduledLater: 2 })
    const byItself = [...beats.slice(0, 3), engine(12_040, 'die', { exitCode: 1 })]
    expect(lossesAt(12_017, [flap], byItself)).toMatchObject({ inFlightOnTarget: 0, scheduledLater: 2 })
  })

  test('is killed on until it is left alone, though another that flaps with it was seen to be up before', () => {
    const last = [...beats, engine(14_300, 'kill', { signal: '9' }), engine(14_320, 'die', { exitCode: 137 })]
    const leftAlone = (event: Event): Event =>
      event.kind === 'fault' && event.stage === 'healed' ? { ...event, at: 14_900 } : event
    expect(lossesAt(14_302, [flap], last)).toMatchObject({ lost: 2, inFlightOnTarget: 0 })
    expect(lossesAt(14_302, [flap], last, leftAlone)).toMatchObject({ lost: 2, inFlightOnTarget: 2 })
  })
})

test('the first of two gateways that are killed one after the other takes with it what is in flight on it', () => {
  const both: Broken = { ...KILL, targets: ['data-plane-1', 'data-plane-2'] }
  // Attested at 8.02 s, when the second was gone as well.
  expect(lossesAt(8002, [both], [])).toMatchObject({ lost: 2, inFlightOnTarget: 2 })
  expect(lossesAt(8002, [KILL], [])).toMatchObject({ lost: 2, inFlightOnTarget: 0 })
})

test('a call that was due a moment after its gateway was gone is in flight on it as far as the callers’ clock is not known', () => {
  // Attested at 8.02 s: with the 5 ms of the balancer's log, whose line lasts for 3, to 8.025 s.
  const known = (errorMs: number) =>
    lossesAt(8026, [KILL], [{ kind: 'clock', at: 2, sameKernel: false, offsetMs: 0, errorMs }])
  expect(known(0)).toMatchObject({ lost: 2, inFlightOnTarget: 0, scheduledLater: 2 })
  expect(known(15)).toMatchObject({ lost: 2, inFlightOnTarget: 2, scheduledLater: 0 })
})

describe('a call whose connection was cut by nobody known', () => {
  const crash: Broken = { ...KILL, kind: 'crash' }
  /** Cut in the 5 ms from `at` on; the fault is attested at 8.02 s. */
  const cutAt = (at: number, kind: Broken, events: readonly Event[]) =>
    analyse(historyOf({ faults: [kind], events, trouble: [{ from: at, to: at + 5, how: 'closed' }] })).losses[0]

  test('was in flight as long as the process was being taken apart, and half a second at the most', () => {
    const gone = engine(8200, 'die', { exitCode: 137 })
    expect(cutAt(8100, crash, [gone])).toMatchObject({ lost: 2, inFlightOnTarget: 2, scheduledLater: 0 })
    expect(cutAt(8300, crash, [gone])).toMatchObject({ inFlightOnTarget: 0, scheduledLater: 2 })
    const late = engine(9900, 'die', { exitCode: 137 })
    expect(cutAt(8600, crash, [late])).toMatchObject({ inFlightOnTarget: 0, scheduledLater: 2 })
  })

  test('was not in flight after the node refused, where nobody saw its process end or none was to', () => {
    expect(cutAt(8100, crash, [])).toMatchObject({ inFlightOnTarget: 0, scheduledLater: 2 })
    const gone = engine(8200, 'die', { exitCode: 137 })
    expect(cutAt(8100, { ...KILL, kind: 'isolate' }, [gone])).toMatchObject({ inFlightOnTarget: 0, scheduledLater: 2 })
  })
})
