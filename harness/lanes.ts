// Which lanes a drill calls through, at which rate, and by what the nodes behind the answers are known.
import type { Options } from './options.ts'
import { replacementAddress } from './topology/replacement.ts'
import { nodesOf, portOf, type Topology } from './topology/topology.ts'
import type { LanePlan } from './traffic/callers.ts'
import { CALLED_PATH } from './traffic/operator.ts'

const DASHBOARD_RATE = 20

/** Through the balancer on kept-alive and on new connections, and beside the deployment to the echo at `echo`. */
export const lanePlans = (topology: Topology, options: Options, echo: string): readonly LanePlan[] => {
  const front = nodesOf(topology, 'load-balancer').find((node) => portOf(node, 'http'))
  const port = front && portOf(front, 'http')
  const gateway = port ? `http://${port.container.address}:${port.port.inside}${CALLED_PATH}` : ''
  const common = { zone: 'outside', rate: options.rate / 2, deadlineMs: options.deadlineMs, expectEcho: true } as const
  return [
    { ...common, lane: 'kept-alive', purpose: 'callers', connections: 'kept-alive', url: gateway },
    { ...common, lane: 'new-connections', purpose: 'callers', connections: 'new', url: gateway },
    { ...common, lane: 'control', purpose: 'control', connections: 'kept-alive', url: `${echo}${CALLED_PATH}` },
  ]
}

/** Authenticated reads of the Dashboard with the session in `cookie`; none where no balancer stands before a Dashboard. */
export const dashboardLanes = (topology: Topology, options: Options, cookie: string): readonly LanePlan[] => {
  const front = nodesOf(topology, 'load-balancer').find((node) => portOf(node, 'dashboard'))
  const port = front && portOf(front, 'dashboard')
  if (!port) return []
  const url = `http://${port.container.address}:${port.port.inside}/apisix/admin/services?gateway_group_id=default`
  const common = {
    purpose: 'dashboard',
    zone: 'outside',
    url,
    rate: DASHBOARD_RATE,
    deadlineMs: options.deadlineMs,
    headers: { cookie },
    expectEcho: false,
  } as const
  return [
    { ...common, lane: 'dashboard-kept-alive', connections: 'kept-alive' },
    { ...common, lane: 'dashboard-new', connections: 'new' },
  ]
}

/** Whose each address is, for answers that name nobody; a node that is replaced meanwhile answers from the second. */
export const addressesOf = (topology: Topology): Readonly<Record<string, string>> =>
  Object.fromEntries(
    topology.nodes.flatMap(({ name, containers }) =>
      containers.flatMap(({ address }) => [
        [address, name],
        [replacementAddress(address), name],
      ]),
    ),
  )
