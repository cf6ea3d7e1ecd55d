// How long a balancer's own configuration lets ejection and readmission take: HAProxy's arithmetic, protocol.md §4.1.
import { endsProcesses, type FaultKind, type Settings } from '../history/event.ts'
import { type CheckSettings, longestDownMs, longestUpMs } from '../topology/check.ts'
import { PRIMARY_BACKEND } from '../topology/topology.ts'
import type { RotationSpan } from './analysis.ts'

/** A check of a healthy node takes about this long on one network. */
export const CHECK_MS = 5

/** Faults that leave a node answering its check, if later or with less: nothing says that a balancer should drop it. */
const LEAVES_SERVING: ReadonlySet<FaultKind> = new Set([
  'bandwidth',
  'slow',
  'cpu',
  'disk',
  'switchover',
  'certificate',
  'reload',
])

export const leavesServing = (kind: FaultKind): boolean => LEAVES_SERVING.has(kind)

/** The longest that HAProxy takes to mark a node down, in ms; null when its configuration is not known. */
export const predictedEjectionMs = (kind: FaultKind, check: Settings['check']): number | null => {
  if (!check) return null
  const { interMs, fastinterMs, fall, timeoutMs } = check
  const again = (fall - 1) * fastinterMs
  const refused = interMs + CHECK_MS + again
  const silent = interMs + CHECK_MS + fall * Math.min(interMs, timeoutMs) + again
  switch (kind) {
    case 'drain':
      // Told through its socket, it takes effect at once.
      return 0
    case 'stop':
    case 'kill':
    case 'restart':
    case 'crash':
    case 'flap':
    case 'replace':
    case 'upgrade':
    case 'reconfigure':
    case 'outage':
    case 'memory':
    case 'reject':
      // The address of a stopped container vanishes: its neighbours may be refused or find nobody there.
      return Math.max(refused, silent)
    case 'pause':
    case 'isolate':
    case 'one-way':
    case 'partition':
    case 'loss':
      return CHECK_MS + longestDownMs(check)
    case 'bandwidth':
    case 'slow':
    case 'cpu':
    case 'disk':
    case 'switchover':
    case 'certificate':
    case 'reload':
      return null
  }
}

/** How long it takes to come up is the node's own affair, and no setting says. A node that was short of memory may have been ended by it. */
const hasToStart = (kind: FaultKind): boolean => endsProcesses(kind) || kind === 'memory'

/** A check that was under way as these are healed has lost its packets: it fails when its time is up, and the next one is the first to be answered. */
const LOSES_CHECKS: ReadonlySet<FaultKind> = new Set(['isolate', 'one-way', 'partition', 'loss'])

/** A node under one of these loses the connections on which it asks others. */
const LOSES_OTHERS: ReadonlySet<FaultKind> = new Set([...LOSES_CHECKS, 'reject', 'pause'])

/**
 * The longest from healed to trusted, in ms; null when not known. `kinds`: all that the node had at once, as a drain and a restart.
 * `asksOthers`: it answers its check by what others say, whom it may have to find again first; no setting says how long that takes.
 */
export const predictedReadmissionMs = (
  kinds: readonly FaultKind[],
  check: Settings['check'],
  { asksOthers }: { readonly asksOthers: boolean },
): number | null => {
  if (!check || kinds.some(hasToStart)) return null
  if (asksOthers && kinds.some((kind) => LOSES_OTHERS.has(kind))) return null
  const underWayMs = kinds.some((kind) => LOSES_CHECKS.has(kind)) ? check.timeoutMs : 0
  return underWayMs + CHECK_MS + longestUpMs(check)
}

/** How a backend checks, as far as its balancer's environment says: the backend that only watches whether members run has an interval of its own. */
export const checkAt = (
  settings: Settings | null,
  { balancer, backend }: Pick<RotationSpan, 'balancer' | 'backend'>,
  isDatabase: boolean,
): CheckSettings | undefined => (isDatabase && backend !== PRIMARY_BACKEND ? undefined : settings?.checks?.[balancer])
