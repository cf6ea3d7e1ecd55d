// A long run as its files: three lanes of a drill in which a gateway is killed, for a bench to read back. Logs of nodes are not in it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { historyOf } from '../analysis/history.fixture.ts'
import { type Lane, scheduledAt } from '../history/call.ts'
import { RECORD_BYTES, writeRecord } from '../history/call-record.ts'
import { createCallsFile } from '../history/calls-file.ts'
import type { History } from '../history/history.ts'
import type { RunFile } from '../report/judged.ts'

/** What a lane's calls are asked for, a second. */
const RATE = 2000
const LANES = 3
/** Lanes open a tenth of a second into the run. */
const OPENED_AFTER_S = 0.1
const SCENARIO = 'fixture'

/** Writes the run's folder, which must not be there yet, and says how many calls it holds. */
export const writeLongRun = (folder: string, calls: number): number => {
  const seconds = Math.max(30, calls / LANES / RATE + OPENED_AFTER_S)
  const history = historyOf({
    seconds,
    rate: RATE,
    isDrawn: true,
    demand: { fullOutage: '0ms', lostCalls: 0, p99: '250ms', recovery: '10s' },
    trouble: [
      { from: 8020, to: 8140, how: 'refused' },
      { from: 8140, to: 9020, how: 'slow', slowMs: 300, share: 0.3 },
      { from: 9020, to: 12_000, how: 'unanswered', node: 'data-plane-2', share: 0.1 },
    ],
  })
  const scenario = join(folder, SCENARIO)
  mkdirSync(join(scenario, 'calls'), { recursive: true })
  writeFileSync(join(folder, 'run.json'), JSON.stringify(RUN))
  writeFileSync(join(scenario, 'history.jsonl'), history.events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  for (const lane of history.lanes) writeLane(join(scenario, 'calls'), lane)
  return countOf(history)
}

const RUN: RunFile = {
  schema: 'firedrill.run/1',
  run: 'long',
  stack: 'high-availability',
  seed: 1,
  startedAt: '2026-11-20T14:02:11.482Z',
  scenarios: [{ name: SCENARIO, title: 'a run of ten million calls' }],
  skipped: [],
  provenance: {
    harness: { version: '0', commit: null, node: process.version },
    images: {},
    composeSha256: 'none',
    machine: { os: 'any', kernel: 'any', cpus: 0, memoryMb: 0, engine: 'none' },
  },
}

const ROWS_AT_ONCE = 1 << 16

/** Rows stand in the order in which their calls ended. */
const writeLane = (folder: string, lane: Lane): void => {
  const ends = Float64Array.from(lane.latencyUs, (us, i) => scheduledAt(lane.header, i) + us / 1000)
  const order = Uint32Array.from(ends, (_, i) => i).sort((a, b) => (ends[a] ?? 0) - (ends[b] ?? 0))
  const file = createCallsFile(join(folder, `${lane.header.lane}.calls`), lane.header)
  for (let first = 0; first < order.length; first += ROWS_AT_ONCE) {
    const rows = order.subarray(first, first + ROWS_AT_ONCE)
    const bytes = new Uint8Array(rows.length * RECORD_BYTES)
    const view = new DataView(bytes.buffer)
    for (const [row, index] of rows.entries()) writeRecord(view, row * RECORD_BYTES, recordOf(lane, index))
    file.append(bytes)
  }
  file.close()
}

const recordOf = (lane: Lane, index: number) => ({
  index,
  lateUs: lane.lateUs[index] ?? 0,
  latencyUs: lane.latencyUs[index] ?? 0,
  errorClass: lane.errorClass[index] ?? 0,
  node: lane.node[index] ?? 0,
  flags: lane.flags[index] ?? 0,
  status: lane.status[index] ?? 0,
})

const countOf = ({ lanes }: History): number => lanes.reduce((sum, { count }) => sum + count, 0)
