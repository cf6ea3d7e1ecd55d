// The library under our callers, alone: GETs at a constant rate from a timer, nothing checked, nothing recorded. What is left of our cost without ours.
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'

/** A cold start must not open a connection for each of thousands that are overdue. */
const MOST_AT_ONCE = 256

const [url = '', rate = '1000', seconds = '10'] = process.argv.slice(2)
const { origin, pathname } = new URL(url)
const pool = new Pool(origin, { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, allowH2: false })

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

const startMs = performance.now()
for (let sent = 0; performance.now() - startMs < Number(seconds) * 1000; await pause(1)) {
  const due = ((performance.now() - startMs) * Number(rate)) / 1000
  for (; sent < due && isOut < MOST_AT_ONCE; sent += 1) {
    isOut += 1
    pool.dispatch({ path: pathname, method: 'GET', headers: ['x-request-id', `alone-${sent}`] }, deaf)
  }
}
await pool.destroy()
