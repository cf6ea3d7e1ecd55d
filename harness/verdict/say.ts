// The words that findings are told in: instants, lengths, and calls that went wrong.
import type { Anomaly } from '../analysis/acknowledged.ts'
import type { ChangeAnalysis, FaultAnalysis, LostCall, Measured } from '../analysis/analysis.ts'
import { faultBefore } from '../analysis/faults.ts'
import { sayMs } from '../time/duration.ts'
import type { Case } from './case.ts'

/** An instant of the run: '12.34 s'. */
export const sayAt = (at: number): string => `${(at / 1000).toFixed(2)} s`

/** A share of 1 as a percentage that never rounds a loss away: '99.98 %', '99.9992 %'. */
export const sayShare = (share: number, more = 0): string => {
  if (share >= 1 || share <= 0) return `${share * 100} %`
  const digits = Math.min(6, Math.max(2, Math.ceil(-Math.log10(1 - share)) - 2)) + more
  const cut = Math.floor(share * 100 * 10 ** digits + 1e-6) / 10 ** digits
  return `${cut.toFixed(digits)} %`
}

/** An instant with its place in the drill: '12.34 s into the scenario, 1.2 s after kill of data-plane-1 took effect'. */
export const sayWhen = ({ analysis }: Pick<Case, 'analysis'>, at: number): string => {
  const fault = faultBefore(analysis.faults, at)
  if (!fault) return `${sayAt(at)} into the scenario`
  const { clearedAt, inEffectAt } = fault
  const since = (stageAt: number): string => (at - stageAt < INSTANT_MS ? 'as' : `${sayMs(at - stageAt)} after`)
  const place = (): string => {
    if (clearedAt !== null && at >= clearedAt) return `${since(clearedAt)} ${sayFault(fault)} was healed and clear`
    if (inEffectAt !== null && at >= inEffectAt) return `${since(inEffectAt)} ${sayFault(fault)} took effect`
    return `${since(fault.intendedAt)} ${sayFault(fault)} was begun`
  }
  return `${sayAt(at)} into the scenario, ${place()}`
}

/** Shorter than anybody would write down. */
const INSTANT_MS = 0.005

/** 'kill of data-plane-1'. */
export const sayFault = (fault: Pick<FaultAnalysis, 'kind' | 'targets'>): string =>
  `${fault.kind} of ${fault.targets.join(', ')}`

/** A length with its bounds, where they say more than it does: '512 ms (498 ms to 521 ms)'. */
export const sayBounded = ({ point, min, max }: Measured): string => {
  const [least, most] = [sayMs(min), sayMs(max)]
  return max - min < 1 || least === most ? sayMs(point) : `${sayMs(point)} (${least} to ${most})`
}

/** A lost call: 'kept-alive #2134 at 12.30 s (server-error 503 from data-plane-1)'. */
export const sayCall = ({ lane, index, at, errorClass, status, node }: LostCall): string =>
  `${lane} #${index} at ${sayAt(at)} (${errorClass}${status > 0 ? ` ${status}` : ''}${node ? ` at ${node}` : ''})`

/** 'write-12 of stream-1 (resurrected)'. */
export const sayAnomaly = ({ kind, key, write }: Pick<Anomaly, 'kind' | 'key' | 'write'>): string =>
  `${write ? `${write} of ${key}` : key} (${kind})`

/** 'a, b and c'. */
export const sayList = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? 'nobody') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** '1 call', '2 calls'. */
export const sayCount = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** Of nodes that a change was missed at: why some of them may serve it to one caller and not to another. Empty where none does. */
export const sayByTurns = ({ byTurnsAt = [] }: Pick<ChangeAnalysis, 'byTurnsAt'>, nodes: readonly string[]): string => {
  const wavering = byTurnsAt.filter((node) => nodes.includes(node))
  return wavering.length === 0
    ? ''
    : ` ${sayList(wavering)} showed it at one look and at another did not, as where one of several workers has not taken it.`
}
