// The balancers that hold a node: what they thought of it, how they check it, and whether a fault leaves them their way to it.
import { type Event, type EventOf, eventsOf, type Settings } from '../history/event.ts'
import { roleOf } from '../topology/topology.ts'
import type { FaultAnalysis } from './analysis.ts'
import { checkAt } from './predictions.ts'
import { heldAs } from './rotation.ts'
import type { TimingContext } from './timing.ts'

/** What one backend of one balancer thought of one node, in order of time. */
export type Opinions = readonly EventOf<'rotation'>[]

/** What is found of each target of a fault at each backend that holds it. */
export const atEachHolder = <T>(
  context: TimingContext,
  fault: FaultAnalysis,
  visit: (opinions: Opinions, node: string) => readonly T[],
): readonly T[] =>
  fault.targets.flatMap((node) => {
    const held = Map.groupBy(
      eventsOf(context.events, 'rotation').filter((event) => event.node === node),
      heldAs,
    )
    return [...held.values()].flatMap((opinions) =>
      visit(
        opinions.toSorted((a, b) => a.at - b.at),
        node,
      ),
    )
  })

/** How the backend that holds these opinions checks. Older records know of the callers' balancer alone. */
export const checkOf = ({ topology, settings }: TimingContext, opinions: Opinions, node: string): Settings['check'] => {
  const role = roleOf(topology, node)
  const [first] = opinions
  const known = first && checkAt(settings, first, role === 'database')
  return known ?? (role === 'data-plane' ? settings?.check : undefined)
}

/** Whether it is known how the balancer of these opinions checks any of its backends. */
export const knowsChecksOf = ({ settings }: TimingContext, [first]: Opinions): boolean =>
  first !== undefined && settings?.checks?.[first.balancer] !== undefined

/** The balancer's name; with its backend where it holds the node in several. */
export const nameOf = (opinions: Opinions, { events }: TimingContext): string => {
  const [first] = opinions
  if (!first) return 'callers'
  const backends = new Set(
    eventsOf(events, 'rotation')
      .filter((event) => event.balancer === first.balancer && event.node === first.node)
      .map((event) => event.backend),
  )
  return backends.size > 1 ? `${first.balancer} (${first.backend})` : first.balancer
}

/** Whether a node was parted from others than the balancers that give it calls: nothing came between it and its callers. */
export const keepsItsBalancers = (
  events: readonly Event[],
  fault: Pick<FaultAnalysis, 'kind' | 'asked'>,
  node: string,
): boolean => {
  const balancers = eventsOf(events, 'rotation').filter((event) => event.node === node)
  return balancers.length > 0 && balancers.every(({ balancer }) => isInTouch(fault, balancer))
}

/** Whether a partition left its targets on a balancer's side. Of any other fault it is not said. */
export const isInTouch = ({ kind, asked }: Pick<FaultAnalysis, 'kind' | 'asked'>, balancer: string): boolean =>
  kind === 'partition' &&
  !String(asked?.from ?? '')
    .split(' ')
    .includes(balancer)
