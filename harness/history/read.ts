// Reads a scenario's folder back into the value that analysis takes.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvironmentError } from '../time/errors.ts'
import { type Lane, scheduledAt } from './call.ts'
import { isBegun, readLane } from './calls-file.ts'
import { type Event, eventsOf } from './event.ts'
import type { History } from './history.ts'
import { readLogs } from './logs.ts'

/** Everything the folder holds: history.jsonl, calls/*.calls and logs/*.log. Throws EnvironmentError when it is no history. */
export const readHistory = async (folder: string): Promise<History> => {
  const events = parseEvents(join(folder, 'history.jsonl'), await readEvents(join(folder, 'history.jsonl')))
  const lanes = await readLanes(join(folder, 'calls'), events)
  const run = eventsOf(events, 'run')[0]
  if (!run) return { events, lanes, balancerCalls: [], log: [] }
  const { balancerCalls, log } = await readLogs(join(folder, 'logs'), {
    startedAtMs: Date.parse(run.startedAt),
    endMs: endOf(events, lanes),
    nearMs: faultWindow(events),
  })
  return { events, lanes, balancerCalls, log }
}

const readEvents = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new EnvironmentError(
      `${file} cannot be read, so there is nothing to judge. Name a scenario's folder inside reports/runs/<run>.`,
      { code: 'ERR_NO_HISTORY', cause },
    )
  }
}

const parseEvents = (file: string, text: string): readonly Event[] => {
  const lines = text.split('\n')
  // Whoever was killed while writing leaves a last line without its end: what it says is not known.
  lines.pop()
  return lines.filter((line) => line !== '').map((line, index) => parseEvent(file, line, index + 1))
}

const parseEvent = (file: string, line: string, number: number): Event => {
  try {
    return JSON.parse(line) as Event
  } catch (cause) {
    throw new EnvironmentError(
      `${file} is damaged at line ${number}: expected one JSON event, got ${line.slice(0, 80)}.`,
      {
        code: 'ERR_HISTORY_DAMAGED',
        cause,
      },
    )
  }
}

const readLanes = async (folder: string, events: readonly Event[]): Promise<readonly Lane[]> => {
  if (!existsSync(folder)) return []
  const counts = new Map(eventsOf(events, 'lane-closed').map((closed) => [closed.lane, closed.count]))
  const opened = eventsOf(events, 'lane').map((lane) => lane.header.lane)
  const files = (await readdir(folder)).filter((name) => name.endsWith('.calls')).map((name) => name.slice(0, -6))
  const order = (lane: string): number => (opened.includes(lane) ? opened.indexOf(lane) : opened.length)
  files.sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1))
  // A lane that never began has no record of its calls, which is for the analysis to say.
  const begun = files.filter((lane) => isBegun(join(folder, `${lane}.calls`)))
  return begun.map((lane) => withRamps(readLane(join(folder, `${lane}.calls`), counts.get(lane)), events))
}

/** A lane's file is begun before anybody knows how its rate will change. */
const withRamps = (lane: Lane, events: readonly Event[]): Lane => {
  const ramps = eventsOf(events, 'ramp').flatMap((event) => (event.lane === lane.header.lane ? [event.ramp] : []))
  return ramps.length === 0 ? lane : { ...lane, header: { ...lane.header, ramps } }
}

/** The last instant anything is known of, ms since the run began. */
const endOf = (events: readonly Event[], lanes: readonly Lane[]): number => {
  const ends = lanes.map(({ header, count }) => scheduledAt(header, count) + header.deadlineMs)
  return [...events.map((event) => event.at), ...ends].reduce((a, b) => Math.max(a, b), 0)
}

/** From the first fault's intent to the last word about any fault: what log lines are most wanted for. */
const faultWindow = (events: readonly Event[]): readonly [number, number] | null => {
  const faults = eventsOf(events, 'fault')
  const first = faults[0]
  const last = faults.at(-1)
  return first && last ? [first.at, last.at] : null
}
