// Judges whether whoever asks for a change is told anything: an error says that the control plane cannot, silence says nothing.
import { type EventOf, eventsOf } from '../history/event.ts'
import { type Judge, limitNumber, notMeasured } from './case.ts'
import { controlPlaneOf } from './culprit.ts'
import { sayCount, sayWhen } from './say.ts'

/** How the operator wrote down an answer that was none of yes and no, before the status itself was on record. */
const ERROR_STATUS = /^status \d/

type Told = EventOf<'change'> | EventOf<'write'>

/** A page has to say it, also that it was refused: an answer that only its script has seen tells nobody. */
const isSilent = (event: Told): boolean => {
  if (event.kind === 'change' && event.said !== undefined) return event.said === null
  return event.stage === 'unknown' && event.status === undefined && !ERROR_STATUS.test(event.because ?? '')
}

/** Changes that nobody answered, not even with an error. */
export const unansweredChanges: Judge = (of, demanded) => {
  const limit = limitNumber(demanded)
  const asked = [...eventsOf(of.history.events, 'change'), ...eventsOf(of.history.events, 'write')].filter(
    ({ at }) => at >= of.window[0],
  )
  const answers = asked.filter(({ stage }) => ['accepted', 'refused', 'unknown'].includes(stage))
  if (answers.length === 0) return notMeasured('count', 'Nobody asked for a change, so nobody waited for an answer.')
  const silent = answers.filter(isSilent)
  const errors = answers.filter(({ stage }) => stage !== 'accepted').length - silent.length
  const [first] = silent
  const isOver = silent.length > limit
  return {
    measured: silent.length,
    unit: 'count',
    outcome: isOver ? 'fail' : 'pass',
    because: first
      ? `${sayCount(silent.length, 'change')} of ${answers.length} got no answer, the first at ${sayWhen(of, first.at)}: ${first.because ?? 'nobody says why'}.`
      : `Each of ${sayCount(answers.length, 'change')} was answered, ${errors} of them by a refusal or an error.`,
    ...(first && { at: first.at }),
    ...(isOver && { culprit: controlPlaneOf(of).join(', ') }),
  }
}
