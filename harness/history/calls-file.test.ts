import { appendFileSync, mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type LaneHeader, NO_NODE } from './call.ts'
import { type CallRecord, RECORD_BYTES, writeRecord } from './call-record.ts'
import { createCallsFile, readLane } from './calls-file.ts'
import { whileFull } from './full-disk.fixture.ts'

const header: LaneHeader = {
  schema: 'firedrill.calls/1',
  lane: 'kept-alive',
  purpose: 'callers',
  zone: 'outside',
  connections: 'kept-alive',
  method: 'GET',
  url: 'http://balancer:9080/orders',
  rate: 100,
  t0: 12.5,
  deadlineMs: 2000,
  nodes: ['data-plane-1', 'dätaplane-2'],
  requestIdPrefix: 'run.kept-alive.',
}

const records = (...indexes: readonly number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(indexes.length * RECORD_BYTES))
  const record = (index: number): CallRecord => ({
    index,
    lateUs: 10 + index,
    latencyUs: 900 + index,
    errorClass: index % 3,
    node: index % 2,
    flags: 2,
    status: 200 + index,
  })
  indexes.forEach((index, i) => {
    writeRecord(view, i * RECORD_BYTES, record(index))
  })
  return new Uint8Array(view.buffer)
}

const fileOf = (...parts: readonly Uint8Array[]): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'firedrill-calls-')), 'kept-alive.calls')
  const writer = createCallsFile(file, header)
  for (const part of parts) writer.append(part)
  writer.close()
  return file
}

test('rows come back in the order of the schedule, whatever order the calls ended in', () => {
  const lane = readLane(fileOf(records(2, 0), records(1)), 3)
  expect(lane.header).toEqual(header)
  expect(lane.count).toBe(3)
  expect([...lane.lateUs]).toEqual([10, 11, 12])
  expect([...lane.latencyUs]).toEqual([900, 901, 902])
  expect([...lane.errorClass]).toEqual([0, 1, 2])
  expect([...lane.node]).toEqual([0, 1, 0])
  expect([...lane.status]).toEqual([200, 201, 202])
  expect([...lane.flags]).toEqual([2, 2, 2])
  expect([...lane.recorded]).toEqual([1, 1, 1])
})

test('a call whose row is missing is not recorded, and was answered by nobody', () => {
  const lane = readLane(fileOf(records(0, 3)), 5)
  expect([...lane.recorded]).toEqual([1, 0, 0, 1, 0])
  expect(lane.node[1]).toBe(NO_NODE)
})

test('a file torn anywhere in its last record keeps the rest', () => {
  for (let torn = 1; torn < RECORD_BYTES; torn++) {
    const file = fileOf(records(0, 1, 2))
    truncateSync(file, statSync(file).size - torn)
    const lane = readLane(file)
    expect([lane.count, ...lane.recorded]).toEqual([2, 1, 1])
  }
})

test('without the count of a closed lane the highest index counts', () => {
  expect(readLane(fileOf(records(4, 1))).count).toBe(5)
  expect(readLane(fileOf()).count).toBe(0)
})

test('a row above the count of a closed lane is kept and not dropped', () => {
  expect([...readLane(fileOf(records(0, 2)), 2).recorded]).toEqual([1, 0, 1])
})

test('of a call that stands in the file twice the first row counts', () => {
  const again = records(1)
  new DataView(again.buffer).setUint32(8, 77, true)
  expect(readLane(fileOf(records(0, 1), again), 2).latencyUs[1]).toBe(901)
})

test('a file that is no calls file is refused by name, and so is an impossible index', () => {
  const file = fileOf(records(0))
  writeFileSync(file, '{"schema":"something else"}\n')
  expect(() => readLane(file)).toThrow(/kept-alive\.calls is not a calls file.*ERR_CALLS_FILE/)
  const damaged = fileOf()
  appendFileSync(damaged, records(0xffff_fffe))
  expect(() => readLane(damaged)).toThrow(/is damaged: a record claims call 4294967294/)
  // One byte that is another: nobody has so many calls under way, and what they would take of memory sinks the other scenarios.
  const flipped = fileOf(records(0, 0x0100_0001))
  expect(() => readLane(flipped, 2)).toThrow(/a record claims call 16777217, .* 2 are on record/)
})

test('a lane is never written over another', () => {
  const file = fileOf(records(0))
  expect(() => createCallsFile(file, header)).toThrow(/EEXIST/)
  expect(readFileSync(file).length).toBeGreaterThan(RECORD_BYTES)
})

test('a record that a full disk took half of is taken back, and what comes when there is room again is read as it is', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'firedrill-calls-')), 'kept-alive.calls')
  const writer = createCallsFile(file, header)
  writer.append(records(0))
  await whileFull(statSync(file).size + 1.5 * RECORD_BYTES, () =>
    expect(() => writer.append(records(1, 2, 3))).toThrow(/EFBIG/),
  )
  writer.append(records(4))
  writer.close()
  const lane = readLane(file)
  expect([...lane.recorded]).toEqual([1, 1, 0, 0, 1])
  expect(lane.status[4]).toBe(204)
})
