// Judges whether a gateway that was out of rotation came back with what was changed meanwhile: it must have it before it is trusted.
import { clockErrorMs } from '../analysis/clocks.ts'
import { eventsOf, isTrusted } from '../history/event.ts'
import { ROTATION_LOOK_EVERY_MS } from '../history/periods.ts'
import { sayMs } from '../time/duration.ts'
import type { Case, Ruling } from './case.ts'
import { sayAt, sayList } from './say.ts'

/** A gateway that was trusted without a change, and a look whose answer shows it. */
interface Stale {
  readonly node: string
  readonly what: string
  readonly acceptedAt: number
  readonly admittedAt: number
  readonly lookAt: number
}

/** A failure where a gateway served without a change that it had to have before it was admitted; null where none did. */
export const admittedStale = (of: Case): Ruling | null => {
  const found = of.analysis.changes.flatMap((change) => staleOf(of, change)).sort((a, b) => a.lookAt - b.lookAt)
  const [first] = found
  if (!first) return null
  const nodes = [...new Set(found.map(({ node }) => node))]
  const { node, what, acceptedAt, admittedAt, lookAt } = first
  return {
    measured: lookAt - acceptedAt,
    unit: 'ms',
    outcome: 'fail',
    culprit: nodes.join(', '),
    at: lookAt,
    because: `${sayList(nodes)} served with an old configuration: change '${what}' was accepted at ${sayAt(acceptedAt)} while ${node} was out of rotation, and ${node}, in rotation again at ${sayAt(admittedAt)}, did not show it ${sayMs(lookAt - admittedAt)} later.`,
  }
}

/**
 * Whoever was out when a change was accepted, and was looked at after it was back. That the others showed it before then says that
 * there was time enough: a change that was on its way to everybody is a matter of how long it took.
 */
const staleOf = (of: Case, { id, what, acceptedAt, seenAt }: Case['analysis']['changes'][number]): readonly Stale[] => {
  if (acceptedAt === null) return []
  // A gateway is in rotation up to a look before anybody sees it.
  const marginMs = ROTATION_LOOK_EVERY_MS + clockErrorMs(of.history.events)
  return looksAt(of, id).flatMap(({ node, lookAt }) => {
    const out = of.analysis.rotation.filter((span) => span.node === node && !isTrusted(span.state))
    if (!out.some(({ from, to }) => from <= acceptedAt && acceptedAt < to)) return []
    const admittedAt = Math.max(...out.filter(({ from }) => from <= lookAt).map(({ to }) => to))
    const others = Object.entries(seenAt).filter(([other]) => other !== node)
    const hadTime = others.length > 0 && others.every(([, at]) => at <= admittedAt - marginMs)
    return hadTime && lookAt > admittedAt + marginMs ? [{ node, what, acceptedAt, admittedAt, lookAt }] : []
  })
}

/** The last looks that did not show a change which was seen later. Where there was none before it was seen, the wait's beginning stands there. */
const looksAt = ({ history }: Case, id: string): readonly { readonly node: string; readonly lookAt: number }[] => {
  const begins = eventsOf(history.events, 'observation')
    .filter(({ observed }) => observed === 'reaches')
    .map(({ at, waitedMs }) => at - waitedMs)
  return eventsOf(history.events, 'change').flatMap(({ id: of, stage, node, lastLookAt }) =>
    of === id &&
    stage === 'seen' &&
    node !== undefined &&
    lastLookAt !== undefined &&
    !begins.some((begin) => Math.abs(begin - lastLookAt) < 10)
      ? [{ node, lookAt: lastLookAt }]
      : [],
  )
}
