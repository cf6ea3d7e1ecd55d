// Judges whether a call that must not be made twice was: by the upstream's own record of the ids it saw.
import { mostHit } from '../analysis/attribution.ts'
import { ERROR_CLASSES, FLAGS, isRepeatable, type Lane, type LaneHeader, outcomeOf } from '../history/call.ts'
import { eventsOf } from '../history/event.ts'
import type { BalancerCall } from '../history/history.ts'
import { callMix } from '../history/mix.ts'
import { type Case, type Judge, limitNumber, notMeasured } from './case.ts'
import { balancersBefore } from './culprit.ts'
import { sayCount, sayList } from './say.ts'

/** Whether anybody made calls that must not be made twice. */
export const isWritten = (of: Case): boolean => writeLanes(of).length > 0

/** Calls that the upstream executed more than once. Each is one, however often it came. */
export const duplicates: Judge = (of, demanded) => {
  const limit = limitNumber(demanded)
  const lanes = writeLanes(of)
  const records = eventsOf(of.history.events, 'upstream-record')
  if (lanes.length === 0)
    return notMeasured('calls', 'Nobody made a call that must not be made twice, so nobody knows whether one would be.')
  if (records.length === 0)
    return notMeasured(
      'calls',
      'The history holds no record of what the upstream saw, so nobody knows whether it saw a call twice.',
    )
  const ours = (id: string): boolean =>
    lanes.some(
      ({ header }) =>
        id.startsWith(header.requestIdPrefix) && isWrite(header)(Number(id.slice(header.requestIdPrefix.length))),
    )
  const twice = [...new Set(records.flatMap((record) => record.duplicates))].filter(ours)
  const answered = lanes.reduce((sum, lane) => sum + answeredOnce(lane), 0)
  const told = { measured: twice.length, unit: 'calls' } as const
  if (twice.length > limit) return { ...told, outcome: 'fail', ...blame(of, twice) }
  const seen = records.reduce((sum, { distinct }) => sum + distinct, 0)
  if (seen < answered)
    return {
      ...told,
      outcome: 'inconclusive',
      because: `The upstream remembers ${seen} calls, and ${answered} were answered: part of its record is lost.`,
    }
  const unlisted = records.reduce((sum, record) => sum + record.duplicateCount - record.duplicates.length, 0)
  if (unlisted > 0)
    return {
      ...told,
      outcome: 'inconclusive',
      because: `The upstream saw ${unlisted} more calls twice than it lists.`,
    }
  return {
    ...told,
    outcome: 'pass',
    because:
      twice.length > 0
        ? blame(of, twice).because
        : `The upstream saw each of ${answered} answered ${methodsOf(lanes)} calls once.`,
  }
}

const writeLanes = ({ history }: Case): readonly Lane[] =>
  history.lanes.filter(
    ({ header }) =>
      methodsIn(header).some((method) => !isRepeatable(method)) &&
      (header.purpose === 'callers' || header.purpose === 'direct'),
  )

/** The method of each request of a lane's mix, or its only one. */
const methodsIn = ({ mix, method }: LaneHeader): readonly string[] =>
  mix ? mix.map(({ route }) => route.split(' ')[0] ?? method) : [method]

/** Says of call i whether it must not be made twice. */
const isWrite = (header: LaneHeader): ((i: number) => boolean) => {
  const methods = methodsIn(header)
  const routeOf = callMix(header.mix?.map(({ weight }) => weight) ?? [1], header.seed)
  return (i) => !isRepeatable(methods[routeOf(i)] ?? header.method)
}

/** Those that the callers themselves sent once more count for nothing: HTTP/2 had said that they were not processed. */
const answeredOnce = ({ header, count, errorClass, recorded, flags }: Lane): number => {
  const isOne = isWrite(header)
  let answered = 0
  for (let i = 0; i < count; i += 1) {
    const isAnswered = recorded[i] === 1 && outcomeOf(ERROR_CLASSES[errorClass[i] ?? 0] ?? 'other') === 'answered'
    if (isAnswered && isOne(i) && ((flags[i] ?? 0) & FLAGS.sentAgain) === 0) answered += 1
  }
  return answered
}

const methodsOf = (lanes: readonly Lane[]): string =>
  sayList([...new Set(lanes.flatMap(({ header }) => methodsIn(header).filter((method) => !isRepeatable(method))))])

/** The balancer where its log says that it sent them again; else the gateways that they joined to last. */
const blame = (of: Case, twice: readonly string[]) => {
  const lines = of.history.balancerCalls.filter(({ requestId }) => twice.includes(requestId))
  const retried = lines.filter(({ retries }) => retries > 0)
  const nodes = mostHit(countsOf(retried.length > 0 ? retried : lines))
  const balancers = retried.length > 0 ? balancersBefore(of, nodes) : []
  const culprit = (balancers.length > 0 ? balancers : nodes).join(', ')
  const [first] = lines.toSorted((a, b) => a.from - b.from)
  const who = balancers.length > 0 ? `${sayList(balancers)} sent ${retried.length} of them again` : ''
  return {
    because: `The upstream saw ${sayCount(twice.length, 'call')} more than once that must not be made twice, the first ${twice[0]}${who ? `: ${who}` : ''}.`,
    ...(culprit !== '' && { culprit }),
    ...(first && { at: first.from }),
  }
}

const countsOf = (lines: readonly BalancerCall[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { node } of lines) counts[node ?? ''] = (counts[node ?? ''] ?? 0) + 1
  return counts
}
