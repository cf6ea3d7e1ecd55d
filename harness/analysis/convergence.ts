// How long a change took from its acceptance to each gateway.
import { eventsOf } from '../history/event.ts'
import type { Timing } from './analysis.ts'
import { waitsFor } from './changes.ts'
import { above, between, type TimingContext } from './timing.ts'

/** Accepted → seen, per change and node. */
export const convergences = ({ changes, events, clockErrorMs }: TimingContext): readonly Timing[] =>
  changes.flatMap((change) => {
    const { id, acceptedAt } = change
    if (acceptedAt === null) return []
    const waits = eventsOf(events, 'observation').filter((event) => event.observed === 'reaches')
    const looks = eventsOf(events, 'change').filter(
      (event) => event.id === id && event.stage === 'seen' && event.node !== undefined,
    )
    const seen = Object.entries(change.seenAt).map(([node, at]): Timing => {
      const look = looks.find((event) => event.node === node && event.at === at)?.lastLookAt ?? acceptedAt
      // Seen at the first look there was: nobody saw it missing, so it may have been there from the beginning.
      const lastLookAt = waits.some((wait) => Math.abs(wait.at - wait.waitedMs - look) < 10) ? acceptedAt : look
      return {
        measure: 'convergence',
        of: id,
        at: node,
        took: between([acceptedAt, acceptedAt], [lastLookAt, at], clockErrorMs),
        censored: false,
      }
    })
    const waitedMs = Math.max(0, ...waitsFor(change, changes, events).map((wait) => wait.at - acceptedAt))
    const unseen = (change.missedAt ?? []).filter((node) => change.seenAt[node] === undefined)
    const missed = unseen.map(
      (node): Timing => ({ measure: 'convergence', of: id, at: node, took: above(waitedMs), censored: true }),
    )
    return [...seen, ...missed]
  })
