// What a bench of accuracy has to say beside its table: failed calls by two counts, outages that nobody made, and which of it is a miss.
import type { RunRecord } from './accuracy-record.ts'

/** One sentence, and what in it misses a target. */
export interface Note {
  readonly says: string
  readonly missed: string | null
}

/** A sentence or two for each kind and rate. */
export const notesOn = (records: readonly RunRecord[]): readonly Note[] =>
  [...Map.groupBy(records, ({ by, kind, rate }) => `${kind} at ${rate.toLocaleString('en-US')} calls/s|${by}`)].flatMap(
    ([key, some]) => {
      const [name = '', by] = key.split('|')
      return by === 'autocannon'
        ? [
            {
              says: `${name}, autocannon: ${sum(some, ({ failed }) => failed)} calls failed by its own count, while the sensor's callers would have had ${dueIn(some)}.`,
              missed: null,
            },
          ]
        : [...countNotes(name, some), falseNote(name, some)]
    },
  )

const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0)

/** Calls that were due while nobody was answered; a stall loses none. */
const dueIn = (records: readonly RunRecord[]): number =>
  Math.round(
    sum(records, ({ kind, rate, sightings }) =>
      kind === 'stall' ? 0 : (rate / 1000) * sum(sightings, ({ truth }) => truth.to[0] - truth.from[0]),
    ),
  )

const countNotes = (name: string, records: readonly RunRecord[]): readonly Note[] => {
  const counted = records.flatMap((record) => record.counted ?? [])
  if (counted.length === 0) return []
  const contradicted = sum(counted, (each) => each.contradicted)
  const [said, known, cut] = (['said', 'known', 'inTheAct'] as const).map((of) => sum(counted, (each) => each[of]))
  return [
    {
      says: `${name}: ${said} failed calls by the analysis, ${known} by the server; ${contradicted} of all calls told otherwise by the one than by the other (${cut} that a kill cut off as they were answered are in neither).`,
      missed: contradicted === 0 && said === known ? null : `${name}: failed calls are not exact`,
    },
  ]
}

/** Behind a balancer that has another server nobody need go without, so every outage there is a false one. */
const falseNote = (name: string, records: readonly RunRecord[]): Note => {
  const isServed = records.every(({ kind }) => kind === 'one-of-two')
  const falseOnes = records.flatMap(({ falseMs, sightings }) => [
    ...falseMs,
    ...(isServed ? sightings.flatMap(({ outage }) => (outage ? [outage.length.point] : [])) : []),
  ])
  const s = Math.round(sum(records, ({ calls, rate }) => calls / rate))
  const longest = falseOnes.length === 0 ? '' : `, the longest of ${Math.max(...falseOnes).toFixed(0)} ms`
  const lost = isServed ? `, ${sum(records, ({ failed }) => failed)} calls lost` : ''
  const made = sum(records, ({ sightings }) => sightings.length)
  return {
    says: `${name}: ${falseOnes.length} false outages in ${s} s with ${made} faults${longest}${lost}.`,
    missed: falseOnes.length === 0 ? null : `${name}: false outages`,
  }
}
