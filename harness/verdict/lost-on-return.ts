// Judges what callers lost while something came back: whatever its loss had cost, having it again may cost nothing.
import { mostHit } from '../analysis/attribution.ts'
import { atMost, type Judge, lanesFor, limitNumber, notMeasured } from './case.ts'
import { lostByNodeOf } from './lost-calls.ts'
import { sayCall, sayCount, sayList } from './say.ts'

/** Calls scheduled between the beginning of a heal and the next fault, or the end of the judged window, and lost. */
export const lostOnReturn: Judge = (of, demanded) => {
  const limit = limitNumber(demanded)
  const returns = lanesFor(of, 'callers').flatMap(({ onReturn }) => onReturn ?? [])
  if (returns.length === 0)
    return notMeasured('calls', 'Nothing was healed under callers’ eyes, so nobody could lose anything by its return.')
  const lost = returns.reduce((sum, each) => sum + each.lost, 0)
  const [first] = returns.flatMap(({ firstLost }) => firstLost ?? []).toSorted((a, b) => a.at - b.at)
  if (!first) return { measured: 0, unit: 'calls', outcome: 'pass', because: 'No call was lost from the heal on.' }
  const inDoubt = returns.reduce((sum, each) => sum + each.inDoubt, 0)
  const nodes = mostHit(lostByNodeOf(returns))
  const outcome = atMost(lost, lost - inDoubt, limit)
  const joined = nodes.length > 0 ? `; they join to ${sayList(nodes)}` : ''
  const doubt = inDoubt > 0 ? `; of ${inDoubt} the machine itself may have been to blame` : ''
  return {
    measured: lost,
    unit: 'calls',
    outcome,
    because: `${sayCount(lost, 'call')} ${lost === 1 ? 'was' : 'were'} lost from the heal on, the first ${sayCall(first)}${joined}${doubt}.`,
    at: first.at,
    ...(nodes.length > 0 && { culprit: nodes.join(', ') }),
  }
}
