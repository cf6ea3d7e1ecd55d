// Keeps what the callers' program says: rows to their lane's file and to the live view, lanes and stalls to the history.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LaneHeader, Ramp } from '../history/call.ts'
import { type CallsWriter, createCallsFile } from '../history/calls-file.ts'
import type { Recorder } from '../history/recorder.ts'
import type { LiveView } from './live-traffic.ts'

export interface LaneRecord {
  opened(number: number, header: LaneHeader): void
  /** Before any row of a call that it concerns is taken. On the disk when it resolves. */
  ramped(lane: string, ramp: Ramp): Promise<void>
  rows(number: number, records: Uint8Array): void
  closed(lane: string, count: number): void
  /** Lanes that were opened and not closed. */
  open(): readonly string[]
  /** Closes the files of lanes that will not be closed any more. */
  abandon(): void
}

interface OpenLane {
  readonly header: LaneHeader
  readonly file: CallsWriter
}

interface World {
  /** The scenario's folder. */
  readonly folder: string
  readonly recorder: Recorder
  readonly live: LiveView
  readonly now: () => number
  /** The disk takes no more: what came until then is readable. */
  readonly lost: (because: string) => void
}

export const recordLanes = ({ folder, recorder, live, now, lost }: World): LaneRecord => {
  const lanes = new Map<number, OpenLane>()
  mkdirSync(join(folder, 'calls'), { recursive: true })
  const write = (what: string, act: () => void): void => {
    try {
      act()
    } catch (error) {
      lost(`${what} could not be written: ${(error as Error).message}`)
    }
  }
  return {
    opened: (number, opened) => {
      const { text } = recorder.redactor
      const mix = opened.mix?.map(({ route, weight }) => ({ route: text(route), weight }))
      const header = { ...opened, url: text(opened.url), ...(mix && { mix }) }
      recorder.record({ at: now(), kind: 'lane', header })
      write(`calls/${header.lane}.calls`, () => {
        lanes.set(number, { header, file: createCallsFile(join(folder, 'calls', `${header.lane}.calls`), header) })
      })
    },
    ramped: async (name, ramp) => {
      for (const [number, lane] of lanes) {
        if (lane.header.lane !== name) continue
        lanes.set(number, { ...lane, header: { ...lane.header, ramps: [...(lane.header.ramps ?? []), ramp] } })
        await recorder.recordSynced({ at: now(), kind: 'ramp', lane: name, ramp })
      }
    },
    rows: (number, records) => {
      const lane = lanes.get(number)
      if (!lane) return
      live.take(lane.header, records)
      write(`calls/${lane.header.lane}.calls`, () => lane.file.append(records))
    },
    closed: (name, count) => {
      for (const [number, { header, file }] of lanes) {
        if (header.lane !== name) continue
        lanes.delete(number)
        file.close()
        recorder.record({ at: now(), kind: 'lane-closed', lane: name, count })
      }
    },
    open: () => [...lanes.values()].map(({ header }) => header.lane),
    abandon: () => {
      for (const { file } of lanes.values()) file.close()
      lanes.clear()
    },
  }
}
