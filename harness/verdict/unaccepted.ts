// Changes that were never accepted, and that the script waited for all the same: a claim about them has come to nothing.
import { eventsOf } from '../history/event.ts'
import type { Case, Ruling } from './case.ts'
import { sayWhen } from './say.ts'

/**
 * Inconclusive where somebody waited in vain for a change that was refused, or that nobody answered; null where nobody did. It was
 * asked for to show something, and shows nothing. Whether the control plane had to take it is for other objectives to say.
 */
export const waitedForUnaccepted = (of: Case, unit: Ruling['unit']): Ruling | null => {
  const waits = eventsOf(of.history.events, 'observation').filter(
    ({ observed, outcome }) => (observed === 'reaches' || observed === 'remains') && outcome === 'ran-out',
  )
  const changes = of.analysis.changes.filter(
    ({ id, acceptedAt }) => acceptedAt === null && waits.some(({ change }) => change === id),
  )
  const [first] = changes
  if (!first) return null
  const told = changes.map(
    ({ id, what, sentAt }) => `'${what}', asked for at ${sayWhen(of, sentAt)}, ${answerTo(of, id)}`,
  )
  return {
    measured: null,
    unit,
    outcome: 'inconclusive',
    because: `What was waited for in vain was never accepted: ${told.join('; ')}.`,
    at: first.sentAt,
  }
}

const answerTo = ({ history }: Case, id: string): string => {
  const answer = eventsOf(history.events, 'change').find(
    (event) => event.id === id && (event.stage === 'refused' || event.stage === 'unknown'),
  )
  const said = answer?.because ? ` (${answer.because})` : ''
  return answer?.stage === 'refused' ? `was refused${said}` : `was not acknowledged${said}`
}
