import { mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LaneHeader } from './call.ts'
import { RECORD_BYTES, writeRecord } from './call-record.ts'
import { createCallsFile } from './calls-file.ts'
import { readHistory } from './read.ts'

const STARTED = Date.parse('2026-11-20T23:44:00.000Z')
const stamp = (at: number): string => `${new Date(STARTED + at).toISOString().replace('Z', '000000Z')}`
const header = (lane: string): LaneHeader => ({
  schema: 'firedrill.calls/1',
  lane,
  purpose: 'callers',
  zone: 'outside',
  connections: 'new',
  method: 'GET',
  url: 'http://lb/',
  rate: 100,
  t0: 0,
  deadlineMs: 500,
  nodes: [],
  requestIdPrefix: `r.${lane}.`,
})
const run = {
  at: 0,
  kind: 'run',
  schema: 'firedrill.history/1',
  run: 'r',
  startedAt: new Date(STARTED).toISOString(),
  scenario: {},
  topology: {},
  settings: {},
  seed: 1,
}

const folderOf = ({
  events,
  lanes = {},
  logs = {},
}: {
  events: readonly object[]
  lanes?: Record<string, number[]>
  logs?: Record<string, readonly string[]>
}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-read-'))
  mkdirSync(join(folder, 'calls'))
  mkdirSync(join(folder, 'logs'))
  writeFileSync(join(folder, 'history.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  for (const [lane, indexes] of Object.entries(lanes)) {
    const writer = createCallsFile(join(folder, 'calls', `${lane}.calls`), header(lane))
    for (const index of indexes) {
      const view = new DataView(new ArrayBuffer(RECORD_BYTES))
      writeRecord(view, 0, { index, lateUs: 1, latencyUs: 2, errorClass: 0, node: 255, flags: 0, status: 200 })
      writer.append(new Uint8Array(view.buffer))
    }
    writer.close()
  }
  for (const [name, lines] of Object.entries(logs))
    writeFileSync(join(folder, 'logs', `${name}.log`), `${lines.join('\n')}\n`)
  return folder
}

test('events, lanes, balancer calls and log lines come back from the files', async () => {
  const call = (i: number): string =>
    `firedrill call=r.b.${i} at=${(STARTED + i) / 1000} idle=0 took=5 backend=x server=dp-1 retries=0 status=200 termination=--`
  const folder = folderOf({
    events: [
      run,
      { at: 1, kind: 'lane', header: header('b') },
      { at: 1, kind: 'lane', header: header('a') },
      { at: 900, kind: 'lane-closed', lane: 'b', count: 3 },
    ],
    lanes: { a: [1, 0], b: [0] },
    logs: {
      'load-balancer': [`${stamp(200)} Server x/dp-1 is DOWN`, `${stamp(300)} ${call(123)}`],
      'data-plane-1': [
        `${stamp(-50)} before the run`,
        `${stamp(100)} ready`,
        'no stamp',
        `${stamp(5000)} after the run`,
      ],
    },
  })
  const history = await readHistory(folder)
  expect(history.events).toHaveLength(4)
  expect(history.lanes.map((lane) => [lane.header.lane, lane.count, [...lane.recorded]])).toEqual([
    ['b', 3, [1, 0, 0]],
    ['a', 2, [1, 1]],
  ])
  expect(history.balancerCalls).toEqual([
    { requestId: 'r.b.123', node: 'dp-1', termination: '--', retries: 0, status: 200, from: 123, to: 128 },
  ])
  expect(history.log).toEqual([
    { file: 'logs/data-plane-1.log', line: 2, at: 100, text: 'ready' },
    { file: 'logs/load-balancer.log', line: 1, at: 200, text: 'Server x/dp-1 is DOWN' },
  ])
})

test('a last line that was cut off is dropped, and any other damage is told with its line', async () => {
  const folder = folderOf({ events: [run] })
  const file = join(folder, 'history.jsonl')
  writeFileSync(file, `${JSON.stringify(run)}\n{"at":5,"kind":"cl`)
  expect((await readHistory(folder)).events).toHaveLength(1)
  writeFileSync(file, `${JSON.stringify(run)}\n{"at":5,"kind":"cl\n${JSON.stringify(run)}\n`)
  await expect(readHistory(folder)).rejects.toThrow(/damaged at line 2.*ERR_HISTORY_DAMAGED/)
})

test('a lane whose file was torn in its first line is not there, and the others are', async () => {
  const folder = folderOf({ events: [run, { at: 1, kind: 'lane', header: header('a') }], lanes: { a: [0], b: [0] } })
  for (const torn of [0, 100]) {
    truncateSync(join(folder, 'calls', 'a.calls'), torn)
    expect((await readHistory(folder)).lanes.map((lane) => lane.header.lane)).toEqual(['b'])
  }
})

test('a folder without a history says which folder to name', async () => {
  await expect(readHistory(tmpdir())).rejects.toThrow(/nothing to judge.*ERR_NO_HISTORY/)
})

test('of too many log lines those nearest the faults are kept, in order of time', async () => {
  const chatter = Array.from({ length: 210_000 }, (_, i) => `${stamp(i)} line ${i}`)
  const fault = (at: number, stage: string) => ({ at, kind: 'fault', id: 'f', fault: 'kill', targets: [], stage })
  const folder = folderOf({
    events: [run, fault(205_000, 'intent'), fault(209_000, 'clear'), { at: 210_000, kind: 'teardown', ok: true }],
    logs: { x: chatter },
  })
  const { log } = await readHistory(folder)
  expect(log).toHaveLength(200_000)
  expect([log[0]?.at, log.at(-1)?.at]).toEqual([10_000, 209_999])
})
