// The operator's session on the Dashboard: whether it lived, and the longest time the page was of no use.
import { type Event, type EventOf, eventsOf } from '../history/event.ts'
import type { SessionAnalysis } from './analysis.ts'

/** The session's heart beats four times a second. */
export const BEAT_MS = 250

interface Stall {
  readonly lengthMs: number
  readonly at: number
  readonly in: string
}

/** The first session of a history, from its sign-in on; null when nobody signed in. Stalls count from `judgedFrom` on. */
export const sessionOf = (events: readonly Event[], judgedFrom: number): SessionAnalysis | null => {
  const [signIn, ...again] = eventsOf(events, 'signed-in')
  if (!signIn) return null
  const beats = eventsOf(events, 'heartbeat')
    .filter((beat) => beat.at >= signIn.at)
    .sort((a, b) => a.at - b.at)
  const pages = eventsOf(events, 'page').filter((page) => page.at >= signIn.at)
  const scriptEnd = eventsOf(events, 'script')[0]?.at ?? 0
  const from = Math.max(signIn.at, judgedFrom)
  const none: Stall = { lengthMs: 0, at: from, in: 'heartbeat' }
  const longest = [
    ...beatStalls(beats, from, Math.max(scriptEnd, beats.at(-1)?.at ?? 0)),
    ...pageStalls(pages, from, scriptEnd),
  ].reduce((most, each) => (each.lengthMs > most.lengthMs ? each : most), none)
  const signOuts = signOutsOf(beats, again)
  return {
    signedInAt: signIn.at,
    beats: beats.length,
    failedBeats: beats.filter((beat) => beat.outcome !== 'answered').length,
    signOuts: signOuts.map((each) => each.at),
    signedOutBy: signOuts.map((each) => each.servedBy),
    longestStallMs: longest.lengthMs,
    longestStallAt: longest.at,
    longestStallIn: longest.in,
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
      const stall = { lengthMs: Math.max(0, at - before - BEAT_MS), at: before, in: 'heartbeat' }
      before = at
      return stall
    })
}

/** An act's time until the page was usable; one that never came to that lasts until the next that did. */
const pageStalls = (pages: readonly EventOf<'page'>[], from: number, end: number): readonly Stall[] =>
  pages.flatMap((page) => {
    const began = Math.max(page.at - page.tookMs, from)
    const usable = page.ok
      ? page.at
      : (pages.find((each) => each.ok && each.at > page.at)?.at ?? Math.max(end, page.at))
    return [{ lengthMs: usable - began, at: began, in: page.act }]
  })

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
