// Judges the operator's session: that it lived, and that its page stayed of use.
import type { SessionAnalysis, Stall } from '../analysis/analysis.ts'
import { eventsOf } from '../history/event.ts'
import { sayMs } from '../time/duration.ts'
import { atMost, type Case, type Judge, limitMs, limitNumber, notMeasured } from './case.ts'
import { sayCount, sayList, sayWhen } from './say.ts'
import type { VerdictOutcome } from './verdict.ts'

const NOBODY = 'Nobody signed in to the Dashboard, so there was no session to judge.'
const NO_ANSWER =
  'No heartbeat of the session was answered once everything was healed, so nobody knows whether it lived.'
const NO_BEATS = 'The session had no heartbeat, so nobody knows whether it lived.'

/** Times the session had to sign in again. */
export const signOuts: Judge = (of, demanded) => {
  const limit = limitNumber(demanded)
  const { session } = of.analysis
  if (!session) return notMeasured('count', NOBODY)
  if (session.beats === 0) return notMeasured('count', NO_BEATS)
  const isOver = session.signOuts.length > limit
  if (!isOver && !isHeardOfAtLast(of, session)) return notMeasured('count', NO_ANSWER)
  const [first] = session.signOuts
  if (first === undefined)
    return {
      measured: 0,
      unit: 'count',
      outcome: 'pass',
      because: `The session lived through ${sayCount(session.beats, 'heartbeat')}, answered by ${sayList(session.servedBy)}.`,
    }
  const nodes = [...new Set((session.signedOutBy ?? []).filter((node) => node !== null))]
  return {
    measured: session.signOuts.length,
    unit: 'count',
    outcome: isOver ? 'fail' : 'pass',
    because: `The session was signed out ${session.signOuts.length === 1 ? 'once' : `${session.signOuts.length} times`}, first at ${sayWhen(of, first)}${nodes.length > 0 ? `, by ${sayList(nodes)}` : ''}.`,
    at: first,
    ...(nodes.length > 0 && { culprit: nodes.join(', ') }),
  }
}

/** Whether a heartbeat was answered after the last fault was over. One that fails is no sign-out, and no sign of a session either. */
const isHeardOfAtLast = ({ analysis, history }: Case, { signedInAt }: SessionAnalysis): boolean => {
  const since = Math.max(signedInAt, ...analysis.faults.map((fault) => fault.clearedAt ?? fault.intendedAt))
  return eventsOf(history.events, 'heartbeat').some(({ outcome, at }) => outcome === 'answered' && at >= since)
}

/** The longest time the signed-in page was unusable. */
export const uiStall: Judge = (of, demanded) => {
  const limit = limitMs(demanded)
  const { session } = of.analysis
  if (!session) return notMeasured('ms', NOBODY)
  if (session.beats === 0) return notMeasured('ms', NO_BEATS)
  const { longestStall, surestStall, unendedStall } = session
  const outcome = atMost(longestStall.lengthMs, surestStall.atLeastMs, limit)
  if (outcome === 'pass' && unendedStall)
    return {
      measured: unendedStall.lengthMs,
      unit: 'ms',
      outcome: 'inconclusive',
      because: `${sayStall(of, unendedStall, 'pass').slice(0, -1)}, and ${unendedStall.in === 'heartbeat' ? 'the record ended before one' : 'the script ended before it'} was.`,
      at: unendedStall.at,
      unended: true,
    }
  const told = outcome === 'fail' ? surestStall : longestStall
  return {
    measured: told.lengthMs,
    unit: 'ms',
    outcome,
    because: sayStall(of, told, outcome),
    at: told.at,
    ...(outcome === 'inconclusive' && unendedStall && { unended: true }),
  }
}

const sayStall = (of: Case, stall: Stall, outcome: VerdictOutcome): string => {
  if (stall.lengthMs === 0) return 'The page was usable throughout.'
  const what =
    stall.in === 'heartbeat'
      ? 'no heartbeat of the session was answered'
      : `the page was not usable after '${stall.in}'`
  const doubt = `: in ${sayMs(stall.lengthMs - stall.atLeastMs)} of it the harness itself stood still, or the deployment owed no answer and the browser waited for a processor`
  return `For ${sayMs(stall.lengthMs)} from ${sayWhen(of, stall.at)}, ${what}${outcome === 'inconclusive' ? doubt : ''}.`
}
