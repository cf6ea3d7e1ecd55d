// One lane: its schedule, fixed beforehand, and every scheduled call brought to exactly one end.
import { ERROR_CLASSES, type ErrorClass, FLAGS, NO_NODE } from '../../history/call.ts'
import { positionAt, type Ramp, rateOf, type Schedule, scheduledAt } from '../../history/schedule.ts'
import { CallInFlight } from './call-in-flight.ts'
import { openConnections } from './connections.ts'
import { createFifo } from './fifo.ts'
import { createInFlightCap } from './in-flight-cap.ts'
import type { LaneOrder } from './protocol.ts'
import { type Pulse, STALL_MS } from './pulse.ts'
import { requestsOf } from './requests.ts'
import { createRowBuffer } from './row-buffer.ts'

export interface SendingLane {
  /** Sends every call that is due; gives back when the next one is, or infinity when the lane is closed. */
  send(nowMs: number): number
  /** Whether the deadline of a call passed. */
  hasExpired(nowMs: number): boolean
  /** Ends every call whose deadline passed, and gives up connections that nobody got. */
  expire(nowMs: number): void
  rows(): Uint8Array<ArrayBuffer> | null
  /** Changes the rate evenly from the next interval on. What is due before keeps its instant. */
  ramp(nowMs: number, change: Pick<Ramp, 'to' | 'overMs'>): Ramp
  /** Schedules nothing more, waits for the calls that are out, and says how many were scheduled. */
  close(nowMs: number): Promise<{ readonly count: number }>
}

interface Setting {
  readonly t0: number
  readonly address: string
  readonly now: () => number
  readonly pulse: Pulse
}

/** Call i is due when the schedule says so, whatever the answers do. */
export const createLane = (order: LaneOrder, { t0, address, now, pulse }: Setting): SendingLane => {
  const connections = openConnections(order, address, now)
  const cap = createInFlightCap({ rate: order.rate, deadlineMs: order.deadlineMs, startMs: t0 })
  const rows = createRowBuffer()
  const waiting = createFifo<CallInFlight>()
  const requestOf = requestsOf(order)
  let next = 0
  let lastTurnMs = t0
  let inFlight = 0
  let isClosed = false
  let emptied: (() => void) | null = null

  let schedule: Schedule = { t0, rate: order.rate, ...(order.seed !== undefined && { seed: order.seed }) }
  const dueMs = (index: number): number => scheduledAt(schedule, index)

  const ended = (call: CallInFlight, cause: ErrorClass): void => {
    const nowMs = now()
    const deadlineAt = call.dueMs + order.deadlineMs
    // An answer read just after a sleep of ours may have been there in time: the doubt is ours, and the stall says so.
    const isLate = nowMs > deadlineAt && !(cause === 'none' && pulse.sleptThrough(deadlineAt, nowMs))
    const errorClass = isLate ? 'deadline' : cause
    inFlight -= 1
    cap.ended(nowMs, errorClass)
    rows.add({
      index: call.index,
      lateUs: (call.sentMs - call.dueMs) * 1000,
      latencyUs: (nowMs - call.dueMs) * 1000,
      errorClass: ERROR_CLASSES.indexOf(errorClass),
      node: call.node,
      flags: flagsOf(call, errorClass),
      status: call.status,
    })
    for (let head = waiting.head(); head?.isEnded; head = waiting.head()) waiting.shift()
    if (inFlight === 0) emptied?.()
  }

  const leaveUnsent = (index: number, nowMs: number, errorClass: ErrorClass): void => {
    const lateUs = (nowMs - dueMs(index)) * 1000
    const code = ERROR_CLASSES.indexOf(errorClass)
    rows.add({ index, lateUs, latencyUs: lateUs, errorClass: code, node: NO_NODE, flags: 0, status: 0 })
  }

  const lane = {
    order,
    requestOf,
    isFresh: connections.isFresh,
    isBreaking: connections.isBreaking,
    ended,
    now,
    sendAgain: (call: CallInFlight) => connections.dispatchApart(call.request.options(call.index), call),
  }
  const whyUnsent = (index: number, nowMs: number, turnMs: number): ErrorClass | null => {
    if (nowMs - dueMs(index) > order.deadlineMs * LATEST) return 'generator-late'
    // Judged at the turn's beginning: no answer could be read since, however long the burst takes.
    return cap.admits(turnMs, inFlight) ? null : 'shed'
  }

  const sendOne = (index: number, nowMs: number, turnMs: number): void => {
    const errorClass = whyUnsent(index, nowMs, turnMs)
    if (errorClass !== null) {
      leaveUnsent(index, nowMs, errorClass)
      return
    }
    const call = new CallInFlight(lane, index, dueMs(index), nowMs)
    inFlight += 1
    waiting.push(call)
    connections.dispatch(call.request.options(index), call)
  }

  /** Sends what is due at `turnMs`, for at most `budgetMs`. */
  const sendDue = (turnMs: number, budgetMs: number): void => {
    // The clock is read for every call: a burst takes time, and its last call is later than its first.
    for (let at = turnMs; !isClosed && dueMs(next) <= turnMs && at - turnMs <= budgetMs; at = now()) {
      sendOne(next, at, turnMs)
      next += 1
    }
  }

  /** Nobody could be answered while we did nothing. */
  const wake = (nowMs: number): void => {
    if (nowMs - lastTurnMs > STALL_MS) cap.slept(nowMs - lastTurnMs)
    lastTurnMs = nowMs
  }

  const send = (nowMs: number): number => {
    wake(nowMs)
    sendDue(nowMs, BURST_MS)
    return isClosed ? Number.POSITIVE_INFINITY : dueMs(next)
  }

  return {
    send,
    hasExpired: (nowMs) => {
      const head = waiting.head()
      return head !== undefined && head.dueMs + order.deadlineMs <= nowMs
    },
    expire: (nowMs) => {
      for (let head = waiting.head(); head; head = waiting.head()) {
        if (!head.isEnded && head.dueMs + order.deadlineMs > nowMs) break
        waiting.shift()
        if (!head.isEnded) head.expire()
      }
      connections.expire(nowMs)
    },
    rows: rows.take,
    ramp: (nowMs, { to, overMs }) => {
      const running = Math.floor(positionAt(schedule, nowMs))
      const ramp: Ramp = { index: Math.max(next, running) + 1, to, overMs }
      cap.expect(Math.max(to, rateOf(schedule, ramp.index)))
      schedule = { ...schedule, ramps: [...(schedule.ramps ?? []), ramp] }
      return ramp
    },
    close: async (nowMs) => {
      wake(nowMs)
      sendDue(nowMs, Number.POSITIVE_INFINITY)
      isClosed = true
      if (inFlight > 0) await new Promise<void>((resolve) => (emptied = resolve))
      await connections.destroy()
      return { count: next }
    },
  }
}

// A burst that makes up for a stall lets answers be read in between, and other lanes send.
const BURST_MS = 2

// Sent with less than half its deadline left, a call would run out of time by our fault and be held against the server.
const LATEST = 0.5

const flagsOf = (call: CallInFlight, errorClass: ErrorClass): number => {
  const mayHaveHappened = call.isSent && !call.request.isRepeatable && errorClass !== 'none'
  return (
    (mayHaveHappened ? FLAGS.mayHaveHappened : 0) |
    (call.isOnNewConnection ? FLAGS.newConnection : 0) |
    (call.isSentAgain ? FLAGS.sentAgain : 0)
  )
}
