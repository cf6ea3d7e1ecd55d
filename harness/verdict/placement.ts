// Where gateways stand: what a report says of an outage for which their place was enough.
import type { Case } from './case.ts'

/** ' Every gateway stands in zone b, and outage-1 hit all of them.' Empty where they stand in several, or some were left. */
export const sayPlacement = ({ analysis }: Case, at: number): string => {
  const [zone, ...more] = analysis.zones
  if (!zone || more.length > 0 || zone.nodes.length < 2) return ''
  const fault = analysis.faults.find(
    ({ targets, intendedAt, clearedAt }) =>
      intendedAt <= at && at <= (clearedAt ?? Infinity) && zone.nodes.every((node) => targets.includes(node)),
  )
  return fault ? ` Every gateway stands in zone ${zone.zone}, and ${fault.id} hit all of them at once.` : ''
}
