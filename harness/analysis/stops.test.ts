import { describe, expect, test } from 'vitest'
import { ERROR_CLASSES, type ErrorClass, FLAGS, type Lane } from '../history/call.ts'
import type { BalancerCall } from '../history/history.ts'
import { judge } from '../verdict/judge.ts'
import { analyse } from './analyse.ts'
import { ALL_LANES, type Broken, historyOf, KILL } from './history.fixture.ts'

const STOP: Broken = { ...KILL, kind: 'stop' }

/** The POST due at `at` ends so, 5 ms later; its line in the balancer's log where `lineAt` names a node. */
const costOf = (
  at: number,
  errorClass: ErrorClass,
  { fault = STOP, lineAt, flags }: { fault?: Broken; lineAt?: string; flags?: number } = {},
) => {
  const history = historyOf({ lanes: ALL_LANES, faults: [fault] })
  const lanes = history.lanes.map((lane) => (lane.header.lane === 'post' ? withEnd(lane, at, errorClass, flags) : lane))
  const line = { termination: '--', retries: 0, status: 200, from: 0, to: 1 }
  const balancerCalls: readonly BalancerCall[] = [
    { ...line, requestId: 'r-kept-alive-1', node: null },
    ...(lineAt === undefined
      ? []
      : [
          {
            ...line,
            requestId: `r-post-${indexAt(at)}`,
            node: lineAt,
            termination: 'SD',
            status: 502,
            from: at,
            to: at + 5,
          },
        ]),
  ]
  const whole = { ...history, lanes, balancerCalls }
  const analysis = analyse(whole)
  const finding = judge(whole, analysis).findings.find(({ objective }) => objective === 'lostCalls')
  return { lost: analysis.losses[0]?.lost, excused: finding?.default, outcome: finding?.outcome }
}

/** The lane calls 20 times a second from 100 ms on. */
const indexAt = (at: number): number => Math.ceil((at - 100) / 50)

const withEnd = (lane: Lane, at: number, errorClass: ErrorClass, flag: number = FLAGS.mayHaveHappened): Lane => {
  const [classes, flags, latencyUs] = [lane.errorClass.slice(), lane.flags.slice(), lane.latencyUs.slice()]
  classes[indexAt(at)] = ERROR_CLASSES.indexOf(errorClass)
  flags[indexAt(at)] = flag
  latencyUs[indexAt(at)] = 5000
  return { ...lane, errorClass: classes, flags, latencyUs }
}

const EXCUSED = { lost: 1, excused: 1, outcome: 'pass' }
const LOST = { lost: 1, excused: 0, outcome: 'fail' }

describe('of POSTs that are lost in a graceful stop', () => {
  test('one that was cut before the balancer dropped the gateway is excused', () => {
    expect(costOf(8000, 'connection-closed')).toEqual(EXCUSED)
    expect(costOf(8900, 'connection-reset')).toEqual(EXCUSED)
  })

  test.each(['server-error', 'deadline', 'connection-refused'] as const)(
    'one that ended otherwise is lost: %s',
    (how) => {
      expect(costOf(8100, how)).toEqual(LOST)
    },
  )

  test('one that was cut when the gateway had been dropped is lost', () => {
    expect(costOf(9100, 'connection-closed')).toEqual(LOST)
    expect(costOf(STOP.healAt + 50, 'connection-closed')).toEqual(LOST)
  })

  test('one that another gateway had is lost', () => {
    expect(costOf(8100, 'connection-closed', { lineAt: 'data-plane-1' })).toEqual(EXCUSED)
    expect(costOf(8100, 'connection-closed', { lineAt: 'data-plane-2' })).toEqual(LOST)
  })

  test('none is excused where no gateway stops', () => {
    expect(costOf(8100, 'connection-closed', { fault: { ...STOP, targets: ['control-plane-1'] } })).toEqual(LOST)
  })

  test('one that was cut as a replacement left is excused as well', () => {
    expect(costOf(STOP.healAt + 10, 'connection-closed', { fault: { ...STOP, kind: 'replace' } })).toEqual(EXCUSED)
    expect(costOf(STOP.healAt - 500, 'connection-closed', { fault: { ...STOP, kind: 'replace' } })).toEqual(LOST)
  })
})

// A balancer hears that a connection is of no use with the next call on it: one that it may send again goes to another gateway.
describe('of POSTs that are lost as a gateway’s packets are rejected', () => {
  const fault: Broken = { ...KILL, kind: 'reject' }
  const elsewhere = { fault, lineAt: 'data-plane-2' }

  test('one on a connection that was open before is excused until the gateway is dropped', () => {
    expect(costOf(8100, 'connection-closed', { fault })).toEqual(EXCUSED)
    expect(costOf(8900, 'connection-reset', { fault })).toEqual(EXCUSED)
    expect(costOf(9100, 'connection-closed', { fault })).toEqual(LOST)
  })

  test('one that ended otherwise, or that another gateway had, is lost', () => {
    expect(costOf(8400, 'server-error', { fault })).toEqual(LOST)
    expect(costOf(8400, 'connection-closed', elsewhere)).toEqual(LOST)
  })

  test('one that may be sent again is lost', () => {
    expect(costOf(8400, 'connection-closed', { fault, flags: 0 })).toEqual(LOST)
  })
})
