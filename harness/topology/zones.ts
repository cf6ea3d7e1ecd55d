// Which zones have a control-plane node: CONTROL_PLANE_ZONES, in the variables that a Compose file can take; and in which callers stand.
import { ScenarioError } from '../time/errors.ts'

/** Zones in the order in which the balancer counts its servers: the first ones are there, the others are not. */
const ZONES = ['a', 'b', 'c']

/**
 * The variables of multi-zone.yaml for `a`, `a,b` or `a,b,c`; none where nothing was asked for: the file's own default is
 * every zone. Throws ScenarioError on anything else: zone a is the one that is always there.
 */
export const controlPlaneVariables = (zones: string | undefined): Readonly<Record<string, string>> => {
  if (!zones) return {}
  const wanted = zones.split(',').map((zone) => zone.trim())
  if (wanted.some((zone, i) => zone !== ZONES[i])) {
    throw new ScenarioError(`CONTROL_PLANE_ZONES is '${zones}': expected a, a,b or a,b,c.`, { code: 'ERR_ZONES' })
  }
  return {
    CONTROL_PLANES_IN_B: wanted.includes('b') ? '1' : '0',
    CONTROL_PLANES_IN_C: wanted.includes('c') ? '1' : '0',
    LB_CONTROL_PLANES: String(wanted.length),
    DP_MANAGER_ENDPOINTS: JSON.stringify(wanted.map((zone) => `https://dp-manager.az-${zone}.internal:7943`)),
  }
}

type Labels = Readonly<Record<string, string>>

/**
 * The zones that a label firedrill.callers lists (CALLER_ZONES), without 'outside', where callers stand anyway. Throws
 * ScenarioError on a zone in which no node stands.
 */
export const callerZonesIn = (containers: readonly Labels[]): readonly string[] => {
  const labelled = (label: string): readonly string[] =>
    containers.flatMap((labels) => labels[label]?.split(/[\s,]+/).filter((word) => word !== '') ?? [])
  const zones = new Set(labelled('firedrill.zone'))
  const asked = [...new Set(labelled('firedrill.callers'))].filter((zone) => zone !== 'outside')
  const unknown = asked.filter((zone) => !zones.has(zone))
  if (unknown.length === 0) return asked
  throw new ScenarioError(
    `CALLER_ZONES names zone ${unknown.join(', ')}: expected outside, or any of ${[...zones].sort().join(', ')}.`,
    { code: 'ERR_ZONES' },
  )
}
