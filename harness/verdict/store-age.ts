// Judges how old the fallback's configuration was when a gateway had to start from it.
import { storeAges } from '../analysis/store-ages.ts'
import { sayMs } from '../time/duration.ts'
import { type Case, type Judge, limitMs, notMeasured, type Ruling, worstOf } from './case.ts'
import { sayAt } from './say.ts'

/** Last written → a gateway started from it; whoever was to write it is to blame. */
export const storeAge: Judge = (of, demanded) => {
  const limit = limitMs(demanded)
  const rulings = storeAges(of.analysis.faults, of.history.log).map((age) => rulingOn(of, age, limit))
  const outcome = worstOf(rulings.map((each) => each.outcome))
  const [worst] = rulings
    .filter((each) => each.outcome === outcome)
    .sort((a, b) => (b.measured ?? Infinity) - (a.measured ?? Infinity))
  return worst ?? notMeasured('ms', 'No gateway was told to start from the fallback: nobody knows how old it was.')
}

const rulingOn = (
  { history }: Case,
  { node, writer, at, writtenAt }: ReturnType<typeof storeAges>[number],
  limit: number,
): Ruling => {
  const blame = { culprit: writer, at }
  if (writtenAt === null) {
    // Without a line of its own nobody knows whether it wrote nothing, or was not heard.
    const isHeard = history.log.some(({ file }) => file.endsWith(`/${writer}.log`))
    const because = `${writer} is not on record as having written anything before ${node} started from the store at ${sayAt(at)}.`
    return isHeard ? { measured: null, unit: 'ms', outcome: 'fail', because, ...blame } : notMeasured('ms', because)
  }
  const ageMs = at - writtenAt
  const isOld = ageMs > limit
  return {
    measured: ageMs,
    unit: 'ms',
    outcome: isOld ? 'fail' : 'pass',
    because: `${node} started from a configuration that ${writer} had last written ${sayMs(ageMs)} before.`,
    ...(isOld && blame),
  }
}
