import { describe, expect, test } from 'vitest'
import { ERROR_CLASSES, type ErrorClass, FLAGS, type Lane, scheduledAt } from '../history/call.ts'
import type { BalancerCall } from '../history/history.ts'
import { analyse } from './analyse.ts'
import { ALL_LANES, type Broken, historyOf, KILL } from './history.fixture.ts'

const AT_THE_KILL = KILL.at + 5

/** The first POST that is due at `at` or later ends so; its line in the balancer's log, where it has one. */
const lossesWith = (
  at: number,
  errorClass: ErrorClass,
  line?: Partial<BalancerCall>,
  { tookMs = 60, flags = FLAGS.mayHaveHappened as number, faults = [KILL] as readonly Broken[] } = {},
) => {
  const history = historyOf({ lanes: ALL_LANES, faults })
  const lanes = history.lanes.map((lane) =>
    lane.header.lane === 'post' ? cut(lane, indexAt(lane, at), { errorClass, tookMs, flag: flags }) : lane,
  )
  const post = lanes.find(({ header }) => header.lane === 'post')
  const requestId = `${post?.header.requestIdPrefix}${post ? indexAt(post, at) : 0}`
  const balancerCalls = line
    ? [{ requestId, node: 'data-plane-1', termination: 'SH', retries: 0, status: 502, from: at, to: at + 60, ...line }]
    : [{ requestId: 'of-somebody', node: null, termination: '--', retries: 0, status: 200, from: 0, to: 1 }]
  const [losses] = analyse({ ...history, lanes, balancerCalls }).losses
  return losses
}

const indexAt = ({ header, count }: Lane, at: number): number =>
  Array.from({ length: count }, (_, i) => i).find((i) => scheduledAt(header, i) >= at) ?? 0

const cut = (
  lane: Lane,
  i: number,
  { errorClass, tookMs, flag }: { errorClass: ErrorClass; tookMs: number; flag: number },
): Lane => {
  const [classes, flags, latencyUs] = [lane.errorClass.slice(), lane.flags.slice(), lane.latencyUs.slice()]
  classes[i] = ERROR_CLASSES.indexOf(errorClass)
  flags[i] = flag
  latencyUs[i] = tookMs * 1000
  return { ...lane, errorClass: classes, flags, latencyUs }
}

describe('a POST of which the balancer wrote no line, because it asked for it to be made again', () => {
  test('was in flight where it was cut as the fault took effect', () => {
    expect(lossesWith(KILL.at - 40, 'connection-closed')).toMatchObject({
      lost: 1,
      inFlightOnTarget: 1,
      mayHaveHappened: 1,
    })
  })

  test('was not in flight on a control-plane node, whatever that was struck by', () => {
    const faults = [{ ...KILL, targets: ['control-plane-1'] }]
    expect(lossesWith(KILL.at - 40, 'connection-closed', undefined, { faults })).toMatchObject({
      lost: 1,
      inFlightOnTarget: 0,
    })
  })

  test('was in flight from the intent of the kill on, and was not where it was cut before', () => {
    expect(lossesWith(KILL.at - 40, 'connection-closed', undefined, { tookMs: 5 })).toMatchObject({
      lost: 1,
      inFlightOnTarget: 1,
    })
    expect(lossesWith(KILL.at - 400, 'connection-closed')).toMatchObject({ lost: 0, inFlightOnTarget: 0 })
  })

  test('is no other than a PUT, which may be made twice and is not repeated by everybody', () => {
    expect(lossesWith(KILL.at - 40, 'connection-closed', undefined, { flags: 0 })).toMatchObject({
      inFlightOnTarget: 1,
      mayHaveHappened: 0,
    })
  })

  test('was not where it was made later', () => {
    expect(lossesWith(AT_THE_KILL + 1000, 'connection-closed')).toMatchObject({
      inFlightOnTarget: 0,
      scheduledLater: 1,
    })
  })

  test('is not one that ran into its deadline', () => {
    expect(lossesWith(KILL.at - 40, 'deadline')).toMatchObject({ lost: 1, inFlightOnTarget: 0 })
  })
})

test('a POST of which the balancer wrote a line is where that says', () => {
  expect(lossesWith(KILL.at - 40, 'connection-closed', {})).toMatchObject({ inFlightOnTarget: 1 })
  expect(lossesWith(KILL.at - 40, 'connection-closed', { node: 'data-plane-2' })).toMatchObject({ inFlightOnTarget: 0 })
})
