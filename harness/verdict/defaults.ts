// What a healthy deployment may lose, by kind of fault: DESIGN.md §3.
import type { FaultAnalysis, LaneAnalysis, Losses, Window } from '../analysis/analysis.ts'
import { hasCallersLog } from '../analysis/attribution.ts'
import { keepsItsBalancers } from '../analysis/holders.ts'
import { predictedEjectionMs } from '../analysis/predictions.ts'
import { scriptLimitsIn } from '../history/event.ts'
import { beginsAt, positionAt, rateOf } from '../history/schedule.ts'
import { type Case, lanesFor } from './case.ts'

/** What one fault may cost callers; null where nobody can say. */
export interface Allowance {
  readonly fault: FaultAnalysis
  readonly losses: Losses
  readonly allowed: number | null
  /** Of those allowed, when they are counted call by call: how many are in doubt, and would be taken off twice. */
  readonly allowedInDoubt?: number
  readonly because: string
  /** Its share is what a node may cost until it is dropped: while it is out of rotation it costs nothing. */
  readonly isUntilEjected?: boolean
}

/** Every fault's allowance. Planned downtime of the whole data plane has none: that callers lose calls is what was planned. */
export const allowances = (of: Case): readonly Allowance[] =>
  of.analysis.faults.flatMap((fault) => {
    const losses = of.analysis.losses.find((each) => each.faultId === fault.id)
    if (!losses || (fault.plannedDowntime && hasWholeDataPlane(of, fault))) return []
    return [{ fault, losses, ...allowanceOf(of, fault, losses) }]
  })

/** The default of an objective in this case: what the script demanded, where a team's own limit took its place; null when there is none. */
export const defaultOf = (objective: string, of: Case): string | number | null => {
  const own = scriptLimitsIn(of.history.events)[objective] ?? null
  if (own !== null) return own
  if (objective === 'fullOutage') return '0ms'
  if (objective === 'duplicates') return 0
  if (objective !== 'lostCalls') return null
  const all = allowances(of)
  if (all.length === 0) return null
  return all.reduce((sum, each) => sum + (each.allowed ?? 0), 0)
}

const allowanceOf = (of: Case, fault: FaultAnalysis, losses: Losses): Omit<Allowance, 'fault' | 'losses'> => {
  switch (fault.kind) {
    case 'drain':
      return { allowed: 0, because: 'a drain costs nothing' }
    case 'slow':
    case 'bandwidth':
    case 'cpu':
    case 'disk':
      return { allowed: 0, because: 'a node that is slow, or cannot write, still answers within the deadline' }
    case 'switchover':
    case 'certificate':
      return { allowed: 0, because: 'gateways serve from what they hold in memory' }
    case 'reload':
      return { allowed: 0, because: 'a reload hands its listeners over, and finishes the calls that it has' }
    case 'stop':
    case 'replace':
    case 'upgrade':
    case 'reconfigure':
    case 'restart':
      return {
        allowed: losses.cutByStop,
        allowedInDoubt: losses.cutInDoubt ?? 0,
        because:
          'a graceful stop costs no idempotent call; others that it cut on an idle connection, until it is dropped, are counted apart',
      }
    case 'reject':
    case 'kill':
    case 'crash':
    case 'flap':
    case 'memory':
      // A fault that was interrupted before anybody could say when it took effect: what was in flight then is not known either.
      if (fault.inEffectAt === null)
        return {
          allowed: losses.lost === 0 ? 0 : null,
          because: 'nobody could attest when it took effect, so nobody knows which calls were in flight',
        }
      if (of.settings?.lbMode === 'tcp')
        return {
          allowed: losses.inFlightOnTarget,
          allowedInDoubt: losses.inFlightInDoubt ?? 0,
          because:
            'a kill costs at most the calls under way when it took effect; the balancer forwards connections, so it is not on record which node had them',
        }
      // Without the balancer's log nobody knows what was in flight: losses are then neither excused nor proven.
      if (!hasCallersLog(of.history))
        return {
          allowed: losses.lost === 0 ? 0 : null,
          because: 'the balancer’s log is missing, so nobody knows which calls were in flight',
        }
      return {
        allowed: losses.inFlightOnTarget,
        allowedInDoubt: losses.inFlightInDoubt ?? 0,
        because:
          fault.kind === 'reject'
            ? 'a reject costs at most the calls in flight on the node, and until it is dropped one that nobody may send twice on each connection that was open'
            : 'a kill costs at most the calls in flight on the node',
      }
    case 'pause':
    case 'isolate':
    case 'one-way':
    case 'loss':
      return pauseAllowance(of, fault)
    case 'partition':
      if (isBesideCallers(of, fault))
        return { allowed: 0, because: 'nothing came between the nodes and the balancers that give them calls' }
      return pauseAllowance(of, fault)
    case 'outage':
      return {
        ...pauseAllowance(of, fault),
        because:
          'of nodes that vanish together a retry may find the next one: they cost their share until they are ejected',
      }
  }
}

/** rate / N × (predicted ejection + deadline) per lane: what a balancer hands to a node that hangs until it notices. */
const pauseAllowance = (of: Case, fault: FaultAnalysis): Omit<Allowance, 'fault' | 'losses'> => {
  const predicted = predictedEjectionMs('pause', of.settings?.check)
  if (predicted === null || !of.settings)
    return {
      allowed: null,
      because: 'the balancer’s check is not known, so nobody can say how long a hung node may stay',
    }
  const nodes = dataPlane(of)
  const from = fault.inEffectAt ?? fault.intendedAt
  const window: Window = [from, from + predicted + of.settings.deadlineMs]
  const rate = lanesFor(of, 'callers').reduce((sum, lane) => sum + highestRateIn(lane, window), 0)
  const share = nodes.length === 0 ? 0 : fault.targets.filter((target) => nodes.includes(target)).length / nodes.length
  return {
    allowed: Math.ceil((rate * share * (predicted + of.settings.deadlineMs)) / 1000),
    because: 'a hung node costs its share of calls until it is ejected',
    isUntilEjected: true,
  }
}

/** A lane's rate, the highest that it came to in the window where it changed: it rises or falls evenly from ramp to ramp. */
const highestRateIn = ({ rate, schedule }: LaneAnalysis, [from, to]: Window): number => {
  if (!schedule) return rate
  const turns = (schedule.ramps ?? []).flatMap(({ index, overMs }) => {
    const at = beginsAt(schedule, index)
    return [at, at + overMs].filter((turn) => turn > from && turn < to)
  })
  return Math.max(...[from, ...turns, to].map((at) => rateOf(schedule, positionAt(schedule, at))))
}

/** Gateways that were parted from others than their balancers, the control plane say. */
const isBesideCallers = (of: Case, fault: FaultAnalysis): boolean => {
  const gateways = fault.targets.filter((target) => dataPlane(of).includes(target))
  return gateways.length > 0 && gateways.every((node) => keepsItsBalancers(of.history.events, fault, node))
}

const dataPlane = ({ history }: Case): readonly string[] => {
  const run = history.events.find((event) => event.kind === 'run')
  return run?.kind === 'run'
    ? run.topology.nodes.filter((node) => node.role === 'data-plane').map((node) => node.name)
    : []
}

/** Of a zone of which nobody is to survive, the gateways elsewhere are. */
const hasWholeDataPlane = (of: Case, fault: FaultAnalysis): boolean => {
  const gateways = dataPlane(of)
  return gateways.length > 0 && gateways.every((node) => fault.targets.includes(node))
}
