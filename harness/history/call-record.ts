// The 17 bytes that one call takes on the wire and in a calls file: its index, then its 13 bytes of columns.

/** Bytes of one record, little endian: u32 index, u32 late µs, u32 latency µs, u8 class, u8 node, u8 flags, u16 status. */
export const RECORD_BYTES = 17

/** One call's row. Times are whole µs; above 71 minutes they stay at the largest u32. */
export interface CallRecord {
  readonly index: number
  readonly lateUs: number
  readonly latencyUs: number
  /** Index into ERROR_CLASSES. */
  readonly errorClass: number
  readonly node: number
  readonly flags: number
  readonly status: number
}

const U32_MAX = 0xffff_ffff

// A clock read before its reference gives a tiny negative; the columns are unsigned, so it counts as nought.
const unsigned = (us: number): number => (us <= 0 ? 0 : us >= U32_MAX ? U32_MAX : Math.round(us))

export const writeRecord = (view: DataView, offset: number, record: CallRecord): void => {
  view.setUint32(offset, record.index, true)
  view.setUint32(offset + 4, unsigned(record.lateUs), true)
  view.setUint32(offset + 8, unsigned(record.latencyUs), true)
  view.setUint8(offset + 12, record.errorClass)
  view.setUint8(offset + 13, record.node)
  view.setUint8(offset + 14, record.flags)
  view.setUint16(offset + 15, record.status, true)
}

export const readRecord = (view: DataView, offset: number): CallRecord => ({
  index: view.getUint32(offset, true),
  lateUs: view.getUint32(offset + 4, true),
  latencyUs: view.getUint32(offset + 8, true),
  errorClass: view.getUint8(offset + 12),
  node: view.getUint8(offset + 13),
  flags: view.getUint8(offset + 14),
  status: view.getUint16(offset + 15, true),
})
