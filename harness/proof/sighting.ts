// What the sensor made of each outage that really happened: found and measured, in doubt, or missed; and what it found that never was.
import type { Analysis, Outage, Window } from '../analysis/analysis.ts'
import { callsOf } from '../analysis/calls.ts'
import { machineOf } from '../analysis/machine.ts'
import { waitingOn, wayTo } from '../analysis/waiting.ts'
import { meets } from '../analysis/windows.ts'
import { eventsOf } from '../history/event.ts'
import type { History } from '../history/history.ts'
import { errorOf, lengthBounds, type Truth } from './truth.ts'

/** doubted: the sensor itself says that the machine, or the generator, stood still or was slow around it. */
export type Seen = 'found' | 'doubted' | 'missed'

/** One outage that was made, and what became of it. */
export interface Sighting {
  readonly truth: Truth
  readonly seen: Seen
  /** Measured less true, ms, as far as the truth is known; null where it was not found. */
  readonly errorMs: number | null
  /** Whether [min, max] contains the truth; null where it was not found. */
  readonly holds: boolean | null
  readonly outage: Outage | null
}

/** Everything that a lane saw of what was made. */
export interface Sighted {
  readonly sightings: readonly Sighting[]
  /** Full outages that nobody made. */
  readonly falseOnes: readonly Outage[]
}

/** An outage may be measured so much longer than it was, at either end. */
const AROUND_MS = 100

/** What is compared. */
export interface Compared {
  readonly history: History
  readonly analysis: Analysis
  readonly truths: readonly Truth[]
  /** When the server stood still though nobody made it: it answered nobody then, so that is an outage too. */
  readonly stills?: readonly Window[]
}

/** Compares a lane's full outages with the truth. */
export const sightedBy = (lane: string, { history, analysis, truths, stills = [] }: Compared): Sighted => {
  const full = (analysis.lanes.find((each) => each.lane === lane)?.outages ?? []).filter(({ kind }) => kind === 'full')
  const doubts = doubtedWindows(history, analysis)
  return {
    sightings: truths.map((truth) => sightingOf(truth, full, doubts)),
    falseOnes: full.filter(
      ({ from, to }) => ![...truths.map(around), ...stills].some((window) => meets([from, to], window)),
    ),
  }
}

const around = ({ from, to }: Truth): Window => [from[0] - AROUND_MS, to[1] + AROUND_MS]

const sightingOf = (truth: Truth, full: readonly Outage[], doubts: readonly Window[]): Sighting => {
  const [outage] = full
    .filter(({ from, to }) => meets([from, to], [truth.from[0], truth.to[1]]))
    .toSorted((a, b) => b.length.point - a.length.point)
  if (!outage) {
    const isDoubted = doubts.some((window) => meets(window, around(truth)))
    return { truth, seen: isDoubted ? 'doubted' : 'missed', errorMs: null, holds: null, outage: null }
  }
  const { point, min, max } = outage.length
  const [atLeast, atMost] = lengthBounds(truth)
  return { truth, seen: 'found', errorMs: errorOf(point, truth), holds: min <= atMost && max >= atLeast, outage }
}

/** Where the sensor says of itself, or of the machine, that it is not certain. */
const doubtedWindows = ({ events, lanes }: History, { doubts }: Analysis): readonly Window[] => {
  const controls = lanes.filter(({ header }) => header.purpose === 'control').map((lane) => callsOf(lane))
  const waiting = waitingOn(wayTo('gateways', events), eventsOf(events, 'processors-short'))
  const machine = machineOf(eventsOf(events, 'generator-stall'), controls, waiting)
  return [
    ...machine.all,
    ...machine.scarce,
    ...doubts
      .filter(({ about }) => about === 'control lane' || about === 'own stall' || about === 'stall')
      .map(({ window }) => window),
  ]
}
