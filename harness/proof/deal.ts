// What a bench of accuracy makes, dealt into runs: every length as often as asked, in an order of chance, in runs of a minute or so.
import { SHORT_MS } from './accuracy.ts'

/** What can be asked for: an outage of some kind, one server of two cut off, or nothing at all. */
export const ASKED_KINDS = ['stall', 'kill', 'wrong', 'black-hole', 'one-of-two', 'soak'] as const

export type AskedKind = (typeof ASKED_KINDS)[number]

/** Longer outages are made so much more seldom: they take as much longer. */
const SELDOM = 6

/** A run takes no longer than this, and makes no more than so many; each has servers that wait to take the place of the killed. */
const LONGEST_MS = 75_000
const MOST = { kill: 20, other: 60 } as const
/** What one outage takes beyond its own length, about. */
const REST_MS = 600

/** How often an outage of this length is made. */
export const timesOf = (lengthMs: number, times: number): number =>
  lengthMs <= SHORT_MS ? times : Math.ceil(times / SELDOM)

/** The lengths of each run, in the order in which they are made. `random` is uniform in [0, 1). */
export const dealt = (
  { kind, lengthsMs, times }: { kind: AskedKind; lengthsMs: readonly number[]; times: number },
  random: () => number = Math.random,
): readonly (readonly number[])[] => {
  const all = lengthsMs.flatMap((ms) => Array.from({ length: timesOf(ms, times) }, () => ({ ms, draw: random() })))
  const most = kind === 'kill' ? MOST.kill : MOST.other
  const runs: number[][] = []
  let tookMs = Infinity
  for (const { ms } of all.toSorted((a, b) => a.draw - b.draw)) {
    const last = runs.at(-1)
    if (last && last.length < most && tookMs + ms + REST_MS <= LONGEST_MS) {
      last.push(ms)
      tookMs += ms + REST_MS
    } else {
      runs.push([ms])
      tookMs = ms + REST_MS
    }
  }
  return runs
}
