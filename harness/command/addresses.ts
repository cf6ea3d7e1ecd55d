// Where a person finds the Dashboard and the gateway of a deployment that stays.
import { dashboardOrigin } from '../stage/deployment.ts'
import { CALLED_PATH } from '../topology/called-route.ts'
import { nodesOf, portOf, type Topology } from '../topology/topology.ts'

/** As the deployment publishes them. Throws EnvironmentError where it publishes no Dashboard. */
export const addressesOf = (topology: Topology): { readonly dashboard: string; readonly gateway: string } => {
  const front = nodesOf(topology, 'load-balancer')
    .map((node) => portOf(node, 'http')?.port.published)
    .find((port) => port !== undefined)
  return {
    dashboard: dashboardOrigin(topology),
    gateway: front === undefined ? 'nowhere on this machine' : `http://127.0.0.1:${front}${CALLED_PATH}`,
  }
}
