// Which zones have a control-plane node: CONTROL_PLANE_ZONES, in the variables that a Compose file can take; and in which callers stand.
import { ScenarioError } from '../time/errors.ts'
import type { Zone } from './topology.ts'

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

const wordsIn = (text: string): readonly string[] => text.split(/[\s,]+/).filter((word) => word !== '')

/** The zones that CALLER_ZONES lists, each once, without 'outside', where callers stand anyway. */
export const zonesListed = (text: string): readonly Zone[] =>
  [...new Set(wordsIn(text))].filter((zone) => zone !== 'outside')

/** Everywhere that callers stand. */
export const placesOf = (callerZones: readonly Zone[]): readonly Zone[] => ['outside', ...callerZones]

/** How many lanes share the asked rate: from each place one on connections that it keeps, and one on new ones. */
export const mainLaneCount = (places: readonly Zone[]): number => 2 * places.length

type Labels = Readonly<Record<string, string>>

/** The zones that a label firedrill.callers lists. Throws ScenarioError on a zone in which no node stands. */
export const callerZonesIn = (containers: readonly Labels[]): readonly Zone[] => {
  const labelled = (label: string): string => containers.map((labels) => labels[label] ?? '').join(' ')
  const zones = new Set(wordsIn(labelled('firedrill.zone')))
  const asked = zonesListed(labelled('firedrill.callers'))
  const unknown = asked.filter((zone) => !zones.has(zone))
  if (unknown.length === 0) return asked
  throw new ScenarioError(
    `CALLER_ZONES names zone ${unknown.join(', ')}: expected outside, or any of ${[...zones].sort().join(', ')}.`,
    { code: 'ERR_ZONES' },
  )
}
