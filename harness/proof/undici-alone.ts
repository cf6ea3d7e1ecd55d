// The library under our callers, alone: GETs at a constant rate from a timer, nothing checked, nothing recorded. What is left of our cost without ours.
import { setTimeout as pause } from 'node:timers/promises'
import { monotonicMs } from '../time/clock.ts'
import { openConnections } from '../traffic/caller/connections.ts'
import { orderOf } from '../traffic/lane-plan.ts'

/** A cold start must not open a connection for each of thousands that are overdue. */
const MOST_AT_ONCE = 256

const [url = '', rate = '1000', seconds = '10'] = process.argv.slice(2)
const { hostname, pathname } = new URL(url)
const plan = { lane: 'alone', purpose: 'callers', zone: 'outside', connections: 'kept-alive', url } as const
const asked = { ...plan, rate: Number(rate), deadlineMs: 2000, expectEcho: false }
const connections = openConnections(orderOf(asked, { run: 'alone', seed: 1, nodes: [] }), hostname, monotonicMs)

let isOut = 0
const ended = (): void => {
  isOut -= 1
}
const deaf = {
  onRequestStart() {},
  onResponseStart() {},
  onResponseData() {},
  onResponseEnd: ended,
  onResponseError: ended,
}

const startMs = monotonicMs()
for (let sent = 0; monotonicMs() - startMs < Number(seconds) * 1000; await pause(1)) {
  const due = ((monotonicMs() - startMs) * Number(rate)) / 1000
  for (; sent < due && isOut < MOST_AT_ONCE; sent += 1) {
    isOut += 1
    connections.dispatch({ path: pathname, method: 'GET', headers: ['x-request-id', `alone-${sent}`] }, deaf)
  }
}
await connections.destroy()
