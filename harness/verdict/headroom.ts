// Judges whether the gateways that are left carry what callers ask for: their measured capacity over the steady rate.
import { type EventOf, eventsOf } from '../history/event.ts'
import { CALLED_PATH } from '../topology/called-route.ts'
import { type Judge, lanesFor, limitNumber, notMeasured } from './case.ts'
import { sayCount, sayList } from './say.ts'

/** A gateway more that adds less than this share of what there was has met another limit than its own: the host's. */
const LEAST_GAIN = 0.15

/** The capacity of the smallest group of gateways that was measured, over the rate that callers kept. Not measured where callers drew from a mix. */
export const headroom: Judge = (of, demanded) => {
  const least = limitNumber(demanded)
  const all = eventsOf(of.history.events, 'capacity').toSorted(
    (a, b) => a.nodes.length - b.nodes.length || carried(a) - carried(b),
  )
  // Without a node and without a zone may be as many gateways: the group that carried least speaks for its size.
  const groups = all.filter((group, i) => group.nodes.length !== all[i - 1]?.nodes.length)
  const [smallest] = groups
  const rate = lanesFor(of, 'callers').reduce((sum, lane) => sum + lane.rate, 0)
  if (!smallest || rate === 0)
    return notMeasured('ratio', 'Nobody measured how much the gateways can carry, or nobody called them.')
  const calls = of.settings?.calls
  // The closed loop asks for the one route: a mix of theirs may be far dearer, or cheaper, than that.
  if (calls !== undefined)
    return notMeasured(
      'ratio',
      `What gateways carry was measured by GET ${CALLED_PATH} alone, and callers drew from ${calls}: how many of those they carry is unknown. Play it without --calls.`,
    )
  const measured = carried(smallest) / rate
  const said = all.map(
    (group) => `${sayCount(group.nodes.length, 'gateway')} carried ${Math.round(carried(group))} calls/s`,
  )
  const because = `${sayList(said)}; callers ask for ${Math.round(rate)}.`
  const told = { measured, unit: 'ratio' } as const
  // What too few carry on a host that is too small they would not carry less on one of their own: this much is shown.
  const stuck = groups.flatMap((group, i) =>
    i > 0 && gainOf(groups[i - 1] ?? group, group) < LEAST_GAIN ? [group] : [],
  )
  const [first] = stuck
  if (first)
    return {
      ...told,
      outcome: 'inconclusive',
      because: `${because} ${sayCount(first.nodes.length, 'gateway')} carried hardly more than fewer: it is the host that limits them, and what they would carry on hosts of their own is unknown.`,
    }
  if (measured >= least) return { ...told, outcome: 'pass', because }
  const culprit = smallest.nodes.map(({ node }) => node).join(', ')
  return { ...told, outcome: 'fail', because, culprit }
}

type Capacity = EventOf<'capacity'>

const carried = ({ nodes }: Capacity): number => nodes.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0)

/** What each gateway more added, as a share of what the fewer carried. */
const gainOf = (fewer: Capacity, more: Capacity): number =>
  (carried(more) / carried(fewer) - 1) / Math.max(1, more.nodes.length - fewer.nodes.length)
