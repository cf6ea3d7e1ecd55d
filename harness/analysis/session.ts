// The operator's session on the Dashboard: whether it lived, and the longest time the page was of no use.
import { type Event, type EventOf, eventsOf } from '../history/event.ts'
import type { SessionAnalysis, Stall, Window } from './analysis.ts'
import { coveredMs, merged } from './windows.ts'

/** The session's heart beats four times a second. */
export const BEAT_MS = 250

/**
 * The first session of a history, from its sign-in on; null when nobody signed in. Stalls count from `judgedFrom` on. In the
 * `short` windows, which are merged, somebody always waited for a processor.
 */
export const sessionOf = (
  events: readonly Event[],
  judgedFrom: number,
  short: readonly Window[],
): SessionAnalysis | null => {
  const [signIn, ...again] = eventsOf(events, 'signed-in')
  if (!signIn) return null
  const beats = eventsOf(events, 'heartbeat')
    .filter((beat) => beat.at >= signIn.at)
    .sort((a, b) => a.at - b.at)
  const pages = eventsOf(events, 'page').filter((page) => page.at >= signIn.at)
  const scriptEnd = eventsOf(events, 'script')[0]?.at ?? 0
  const from = Math.max(signIn.at, judgedFrom)
  const none: Stall = { lengthMs: 0, atLeastMs: 0, at: from, in: 'heartbeat' }
  const stalls = [
    ...beatStalls(beats, from, Math.max(scriptEnd, beats.at(-1)?.at ?? 0)),
    ...pageStalls(pages, { from, end: scriptEnd, short }),
  ]
  const most = (length: 'lengthMs' | 'atLeastMs'): Stall =>
    stalls.reduce((found, each) => (each[length] > found[length] ? each : found), none)
  const signOuts = signOutsOf(beats, again)
  return {
    signedInAt: signIn.at,
    beats: beats.length,
    failedBeats: beats.filter((beat) => beat.outcome !== 'answered').length,
    signOuts: signOuts.map((each) => each.at),
    signedOutBy: signOuts.map((each) => each.servedBy),
    longestStall: most('lengthMs'),
    surestStall: most('atLeastMs'),
    servedBy: [...new Set([signIn.servedBy, ...beats.map((beat) => beat.servedBy)].filter((node) => node !== null))],
  }
}

/** Times between two answered beats, beyond the 250 ms that lie between any two. The last one runs to the end. */
const beatStalls = (beats: readonly EventOf<'heartbeat'>[], from: number, end: number): readonly Stall[] => {
  if (beats.length === 0) return []
  const answered = beats.filter((beat) => beat.outcome === 'answered').map((beat) => beat.at)
  const marks = [...answered.filter((at) => at < end), end]
  let before = answered.findLast((at) => at <= from) ?? from
  return marks
    .filter((at) => at > from)
    .map((at) => {
      const lengthMs = Math.max(0, at - before - BEAT_MS)
      const stall = { lengthMs, atLeastMs: lengthMs, at: before, in: 'heartbeat' }
      before = at
      return stall
    })
}

/** An act's time until the page was usable; one that never came to that lasts until the next that did. */
const pageStalls = (
  pages: readonly EventOf<'page'>[],
  { from, end, short }: { readonly from: number; readonly end: number; readonly short: readonly Window[] },
): readonly Stall[] =>
  pages.map((page) => {
    const began = Math.max(page.at - page.tookMs, from)
    const usable = page.ok
      ? page.at
      : (pages.find((each) => each.ok && each.at > page.at)?.at ?? Math.max(end, page.at))
    const lengthMs = usable - began
    return { lengthMs, atLeastMs: lengthMs - starvedMs(page, [began, usable], short), at: began, in: page.act }
  })

/**
 * How long the browser waited for a processor while the deployment owed it nothing. An act that failed is not excused, nor
 * one of which nobody knows what it waited for.
 */
const starvedMs = ({ ok, waits }: EventOf<'page'>, [from, to]: Window, short: readonly Window[]): number => {
  if (!ok || !waits) return 0
  const whileWaiting = merged(waits.map(([start, end]) => [Math.max(start, from), Math.min(end, to)] as const)).reduce(
    (sum, [start, end]) => sum + coveredMs(short, start, end),
    0,
  )
  return coveredMs(short, from, to) - whileWaiting
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
