// Gathers the rows of a lane's ended calls until they are sent on.
import { type CallRecord, RECORD_BYTES, writeRecord } from '../../history/call-record.ts'

export interface RowBuffer {
  add(record: CallRecord): void
  /** The rows since the last take, in the order their calls ended; null when there are none. */
  take(): Uint8Array<ArrayBuffer> | null
}

export const createRowBuffer = (): RowBuffer => {
  let view = new DataView(new ArrayBuffer(64 * RECORD_BYTES))
  let used = 0
  return {
    add: (record) => {
      if (used === view.byteLength) view = new DataView(view.buffer.transfer(view.byteLength * 2))
      writeRecord(view, used, record)
      used += RECORD_BYTES
    },
    take: () => {
      if (used === 0) return null
      const rows = new Uint8Array(view.buffer.slice(0, used))
      used = 0
      return rows
    },
  }
}
