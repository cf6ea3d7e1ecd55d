import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CallRecord, RECORD_BYTES, readRecord, writeRecord } from './call-record.ts'

const u8 = fc.integer({ min: 0, max: 255 })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const anyRecord: fc.Arbitrary<CallRecord> = fc.record({
  index: u32,
  lateUs: u32,
  latencyUs: u32,
  errorClass: u8,
  node: u8,
  flags: u8,
  status: fc.integer({ min: 0, max: 0xffff }),
})

test('a record is read back as it was written, whatever stands beside it', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), fc.nat(9), (records, before) => {
      const view = new DataView(new ArrayBuffer(before + records.length * RECORD_BYTES))
      records.forEach((record, i) => {
        writeRecord(view, before + i * RECORD_BYTES, record)
      })
      expect(records.map((_, i) => readRecord(view, before + i * RECORD_BYTES))).toEqual(records)
    }),
  )
})

test('a time below nought is written as nought, and one above the column as its largest', () => {
  const view = new DataView(new ArrayBuffer(RECORD_BYTES))
  writeRecord(view, 0, { index: 1, lateUs: -3, latencyUs: 5e9, errorClass: 0, node: 0, flags: 0, status: 0 })
  expect(readRecord(view, 0)).toMatchObject({ lateUs: 0, latencyUs: 0xffff_ffff })
})
