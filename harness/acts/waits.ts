// How long a script waits for what it observes: three times what the deployment's own settings predict, at least 10 s.
import { type Event, endsProcesses, eventsOf, type Settings } from '../history/event.ts'
import { type Duration, toMs } from '../time/duration.ts'
import { type CheckSettings, dropWaitMs, longestUpMs, WAIT_LEAST_MS, waitMs } from '../topology/check.ts'

// After a full control-plane outage a gateway of the vendor's tries again after up to 16 s of back-off, plus 10 s of marks (api7.md §0.7).
const CONVERGENCE_PREDICTED_MS = toMs('20s')

/** A client looks at its timeouts now and then, twice a second at the least, and counts from the look after the last byte. */
const COARSE_MS = 2_000

/** The checks of the balancers that have said what they think of a node; of all balancers where none has. */
export const checksOn = (
  node: string,
  { check, checks = {} }: Pick<Settings, 'check' | 'checks'>,
  events: readonly Event[],
): readonly (CheckSettings | undefined)[] => {
  const holding = new Set(
    eventsOf(events, 'rotation').flatMap((event) => (event.node === node ? [event.balancer] : [])),
  )
  const own = Object.entries(checks).flatMap(([balancer, each]) => (holding.has(balancer) ? [each] : []))
  return own.length > 0 ? own : [check, ...Object.values(checks)]
}

/** The longest of these waits: who waits for a node waits for every balancer that holds it. */
export const longestOf = (
  checks: readonly (CheckSettings | undefined)[],
  wait: (check: CheckSettings | undefined) => number,
): number => Math.max(...checks.map(wait))

/** For a change to reach gateways. */
export const CONVERGENCE_WAIT_MS = waitMs(CONVERGENCE_PREDICTED_MS)

/** Nobody's settings predict how long a node takes to start: it may end and be started again until whom it depends on is there. */
const START_WAIT_MS = toMs('30s')

/** For a balancer to trust a node again; for one whose processes a fault ended (`mustStart`) at least as long as a start may take. */
export const admissionWaitMs = (
  check: CheckSettings | undefined,
  { mustStart = false }: { readonly mustStart?: boolean } = {},
): number => {
  const leastMs = mustStart ? START_WAIT_MS : WAIT_LEAST_MS
  if (!check) return leastMs
  return Math.max(leastMs, dropWaitMs(check), waitMs(longestUpMs(check)))
}

/** The longest until a check of a balancer has run whole, whenever one begins to look: the one under way, or the next. */
export const wholeCheckMs = (check: CheckSettings | undefined): number => (check ? check.interMs + check.timeoutMs : 0)

/** When a fault last began to change a node, or to leave it; a drain changes only what its balancers do with it. */
export const lastActOn = (events: readonly Event[], node: string): number =>
  eventsOf(events, 'fault').findLast(
    ({ fault, targets, stage }) =>
      fault !== 'drain' && targets.includes(node) && (stage === 'intent' || stage === 'heal'),
  )?.at ?? 0

/** Whether a fault so far ended this node's processes. */
export const mustStart = (events: readonly Event[], node: string): boolean =>
  eventsOf(events, 'fault').some(({ fault, targets }) => endsProcesses(fault) && targets.includes(node))

/** The leader key's race, the config store's own election, and for balancers and clients to follow: protocol.md §5.2. */
const FOLLOWED_MS = 12_000

/** Patroni's own. */
const USUAL_TTL_MS = 30_000

/** How long nobody may take a write while a standby takes over from a primary that is gone; by Patroni's own ttl where nobody knows another. */
export const failoverLimitOf = ({ patroni }: Pick<Settings, 'patroni'>): Duration =>
  `${(patroni?.ttlMs ?? USUAL_TTL_MS) + FOLLOWED_MS}ms`

/** The vendor's, apisix/cli/config.lua. */
const USUAL_WATCH_TIMEOUT_MS = 50_000

/** After so long without a word of its control plane a gateway must have noticed; by the vendor's timeout where nobody knows its own. */
export const silenceLimitOf = ({
  watchTimeoutMs = USUAL_WATCH_TIMEOUT_MS,
}: Pick<Settings, 'watchTimeoutMs'>): Duration => `${watchTimeoutMs + COARSE_MS}ms`
