// A lane's calls on disk: one line of header, then one 17-byte record a call in the order they ended.
import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { EnvironmentError } from '../time/errors.ts'
import { type Lane, type LaneHeader, NO_NODE } from './call.ts'
import { RECORD_BYTES, readRecord } from './call-record.ts'

/** Appends whole records to one lane's file. Every append has reached the kernel when it returns. */
export interface CallsWriter {
  append(records: Uint8Array): void
  close(): void
}

/** Throws what the file system throws: a full disk is the caller's to tell. What it took until then are whole records. */
export const createCallsFile = (file: string, header: LaneHeader): CallsWriter => {
  const descriptor = openSync(file, 'ax')
  let size = 0
  const write = (bytes: Uint8Array, wholeBytes: number): void => {
    let at = 0
    try {
      while (at < bytes.length) at += writeSync(descriptor, bytes, at)
    } catch (error) {
      // Half a record would put all those out of place that come when there is room again.
      at -= at % wholeBytes
      ftruncateSync(descriptor, size + at)
      throw error
    } finally {
      size += at
    }
  }
  const first = Buffer.from(`${JSON.stringify(header)}\n`)
  write(first, first.length)
  return { append: (records) => write(records, RECORD_BYTES), close: () => closeSync(descriptor) }
}

// No lane ever has so many calls under way: an index so far above those that ended is damage, not a call.
const MOST_UNDER_WAY = 1 << 20

/**
 * The lane a calls file holds. `count` is what its lane-closed event says; without it (the callers died) the highest
 * index counts. A torn last record is dropped; a call the file does not hold has `recorded` 0.
 */
export const readLane = (file: string, count = 0): Lane => {
  const bytes = readFileSync(file)
  const { header, records } = splitHeader(file, bytes)
  const rows = Math.floor(records.byteLength / RECORD_BYTES)
  const lane = emptyLane(header, Math.max(count, highestIndex(file, records, { rows, count }) + 1))
  for (let row = 0; row < rows; row++) fill(lane, records, row * RECORD_BYTES)
  return lane
}

// Far above any header: the names of 255 nodes are 20 kB.
const HEADER_BYTES = 1 << 16

/** Whether the file was begun: where the disk was full, or its writer killed, as the lane opened, its first line has no end. */
export const isBegun = (file: string): boolean => {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(HEADER_BYTES)
    const length = readSync(descriptor, bytes)
    return length === HEADER_BYTES || bytes.subarray(0, length).includes(10)
  } finally {
    closeSync(descriptor)
  }
}

const splitHeader = (file: string, bytes: Buffer): { header: LaneHeader; records: DataView } => {
  const end = bytes.indexOf(10)
  const header = end < 0 ? null : parseHeader(bytes.toString('utf8', 0, end))
  if (header) return { header, records: new DataView(bytes.buffer, bytes.byteOffset + end + 1, bytes.length - end - 1) }
  const start = JSON.stringify(bytes.toString('latin1', 0, 60))
  throw new EnvironmentError(
    `${file} is not a calls file: its first line should be a header with schema firedrill.calls/1, but it starts ${start}. Restore it from the run's folder, or delete it and judge again without this lane.`,
    { code: 'ERR_CALLS_FILE' },
  )
}

const parseHeader = (line: string): LaneHeader | null => {
  try {
    const header = JSON.parse(line) as LaneHeader | null
    return header?.schema === 'firedrill.calls/1' ? header : null
  } catch {
    return null
  }
}

const highestIndex = (
  file: string,
  records: DataView,
  { rows, count }: { readonly rows: number; readonly count: number },
): number => {
  let highest = -1
  for (let row = 0; row < rows; row++) highest = Math.max(highest, records.getUint32(row * RECORD_BYTES, true))
  const known = Math.max(rows, count)
  if (highest < known + MOST_UNDER_WAY) return highest
  throw new EnvironmentError(
    `${file} is damaged: a record claims call ${highest}, where ${known} are on record and at most ${MOST_UNDER_WAY} can be under way. Restore it from the run's folder.`,
    { code: 'ERR_CALLS_FILE' },
  )
}

const emptyLane = (header: LaneHeader, count: number): Lane => ({
  header,
  count,
  lateUs: new Uint32Array(count),
  latencyUs: new Uint32Array(count),
  errorClass: new Uint8Array(count),
  node: new Uint8Array(count).fill(NO_NODE),
  flags: new Uint8Array(count),
  status: new Uint16Array(count),
  recorded: new Uint8Array(count),
})

const fill = (lane: Lane, records: DataView, offset: number): void => {
  const record = readRecord(records, offset)
  const i = record.index
  // A call ends once: were it here twice, the first ending is the one that was seen live.
  if (lane.recorded[i] === 1) return
  lane.lateUs[i] = record.lateUs
  lane.latencyUs[i] = record.latencyUs
  lane.errorClass[i] = record.errorClass
  lane.node[i] = record.node
  lane.flags[i] = record.flags
  lane.status[i] = record.status
  lane.recorded[i] = 1
}
