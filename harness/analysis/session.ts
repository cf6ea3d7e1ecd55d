// The operator's session on the Dashboard: whether it lived, and the longest time the page was of no use.
import { type Event, type EventOf, eventsOf } from '../history/event.ts'
import { HEARTBEAT_EVERY_MS } from '../history/periods.ts'
import type { SessionAnalysis, Stall, Window } from './analysis.ts'
import { coveredMs, merged, outside } from './windows.ts'

/**
 * The first session of a history, from its sign-in on; null when nobody signed in. Stalls count from `judgedFrom` on. In the
 * `scarce` windows, which are merged, somebody waited for a processor half of the time or more. What the harness timed while it stood still is in doubt.
 */
export const sessionOf = (
  events: readonly Event[],
  judgedFrom: number,
  scarce: readonly Window[],
): SessionAnalysis | null => {
  const [signIn, ...again] = eventsOf(events, 'signed-in')
  if (!signIn) return null
  const beats = eventsOf(events, 'heartbeat')
    .filter((beat) => beat.at >= signIn.at)
    .sort((a, b) => a.at - b.at)
  const pages = eventsOf(events, 'page').filter((page) => page.at >= signIn.at)
  const scriptEnd = eventsOf(events, 'script')[0]?.at ?? 0
  const from = Math.max(signIn.at, judgedFrom)
  const still = merged(eventsOf(events, 'harness-stall').map(({ at, stallMs }): Window => [at - stallMs, at]))
  const none: Stall = { lengthMs: 0, atLeastMs: 0, at: from, in: 'heartbeat' }
  const stalls = [
    ...beatStalls(beats, { from, end: Math.max(scriptEnd, beats.at(-1)?.at ?? 0), still }),
    ...pageStalls(pages, { from, end: scriptEnd, scarce, still }),
  ]
  const most = (length: 'lengthMs' | 'atLeastMs'): Stall =>
    stalls.reduce((found, each) => (each[length] > found[length] ? each : found), none)
  const [unendedStall] = stalls.filter((each) => each.unended).sort((a, b) => b.lengthMs - a.lengthMs)
  const signOuts = signOutsOf(beats, again)
  return {
    signedInAt: signIn.at,
    beats: beats.length,
    failedBeats: beats.filter((beat) => beat.outcome !== 'answered').length,
    signOuts: signOuts.map((each) => each.at),
    signedOutBy: signOuts.map((each) => each.servedBy),
    longestStall: most('lengthMs'),
    surestStall: most('atLeastMs'),
    ...(unendedStall && { unendedStall }),
    servedBy: [...new Set([signIn.servedBy, ...beats.map((beat) => beat.servedBy)].filter((node) => node !== null))],
  }
}

/** One that is out as the record ends may be the record's end and nothing else. */
const UNENDED_BEATS = 2

/** Times between two answered beats, beyond the 250 ms that lie between any two. The last one runs to the end. */
const beatStalls = (
  beats: readonly EventOf<'heartbeat'>[],
  { from, end, still }: { readonly from: number; readonly end: number; readonly still: readonly Window[] },
): readonly Stall[] => {
  if (beats.length === 0) return []
  const answered = beats.filter((beat) => beat.outcome === 'answered').map((beat) => beat.at)
  const marks = [...answered.filter((at) => at < end), end]
  const isUnended = beats.slice(-UNENDED_BEATS).every((beat) => beat.outcome !== 'answered')
  let before = answered.findLast((at) => at <= from) ?? from
  return marks
    .filter((at) => at > from)
    .map((at): Stall => {
      const lengthMs = Math.max(0, at - before - HEARTBEAT_EVERY_MS)
      const atLeastMs = Math.max(0, lengthMs - coveredMs(still, before, at))
      const unended = at === end && isUnended ? { unended: true as const } : {}
      const stall = { lengthMs, atLeastMs, at: before, in: 'heartbeat', ...unended }
      before = at
      return stall
    })
}

/** An act's time until the page was usable; one that never came to that lasts until the next that did, or beyond the script's end. */
const pageStalls = (
  pages: readonly EventOf<'page'>[],
  { from, end, ...machine }: { readonly from: number; readonly end: number } & OfTheMachine,
): readonly Stall[] =>
  pages.map((page) => {
    const began = Math.max(page.at - page.tookMs, from)
    const next = page.ok ? page : pages.find((each) => each.ok && each.at > page.at)
    const usable = next?.at ?? Math.max(end, page.at)
    const lengthMs = usable - began
    return {
      lengthMs,
      atLeastMs: lengthMs - starvedMs(page, [began, usable], machine),
      at: began,
      in: page.act,
      ...(!next && { unended: true }),
    }
  })

/** What was not the deployment's; each merged. */
interface OfTheMachine {
  /** Somebody waited for a processor half of the time or more. */
  readonly scarce: readonly Window[]
  /** The harness, which times everything here, stood still. */
  readonly still: readonly Window[]
}

/**
 * How long the browser waited for a processor while the deployment owed it nothing, or nobody could tell because the harness stood
 * still. An act that failed is not excused, nor, but for the harness, one of which nobody knows what it waited for.
 */
const starvedMs = ({ ok, waits }: EventOf<'page'>, [from, to]: Window, { scarce, still }: OfTheMachine): number => {
  if (!ok) return 0
  if (!waits) return coveredMs(still, from, to)
  const owed = merged(waits.map(([start, end]) => [Math.max(start, from), Math.min(end, to)] as const))
  return coveredMs(merged([...still, ...outside(scarce, owed)]), from, to)
}

/** Signed-out beats in a row are one sign-out; so is a second sign-in that no such beat explains. */
const signOutsOf = (
  beats: readonly EventOf<'heartbeat'>[],
  signIns: readonly EventOf<'signed-in'>[],
): readonly { readonly at: number; readonly servedBy: string | null }[] => {
  const found: { at: number; servedBy: string | null }[] = []
  let isOut = false
  for (const event of [...beats, ...signIns].sort((a, b) => a.at - b.at)) {
    if (event.kind === 'signed-in') {
      if (!isOut) found.push({ at: event.at, servedBy: event.servedBy })
      isOut = false
    } else if (event.outcome === 'answered') isOut = false
    else if (event.outcome === 'signed-out') {
      if (!isOut) found.push({ at: event.at, servedBy: event.servedBy })
      isOut = true
    }
  }
  return found
}
