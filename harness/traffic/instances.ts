// Whether the control plane has heard of every gateway, as API7 lists its instances since 3.8.
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'
import { type AdminAnswer, listOf } from './admin-api.ts'

/** A gateway as the control plane knows it. Who was replaced is listed for days. */
interface Instance {
  readonly hostname?: string
  readonly ip?: string
  readonly status?: string
}

/** Where the instances of a gateway group are listed. */
export const instancesPath = (group: string): string => `/api/gateway_groups/${group}/instances`

/**
 * Whether each gateway is a Healthy instance; null where there is no such list: gateways that read etcd themselves are known to nobody. An instance
 * whose name and address are those of no node may be any gateway, and so may one beyond the page that is answered.
 */
export const judgeInstances = (
  topology: Topology,
  answer: Pick<AdminAnswer, 'status' | 'body'>,
): { readonly ok: boolean; readonly because: string } | null => {
  if (answer.status === 404) return null
  if (answer.status !== 200) return { ok: false, because: `the control plane answers status ${answer.status}` }
  const gateways = nodesOf(topology, 'data-plane')
  const instances = listOf<Instance>(answer)
  const strangers = instances.filter((instance) => !topology.nodes.some((node) => isOf(node, instance)))
  const amiss = gateways
    .map((node) => ({ node, states: instances.filter((instance) => isOf(node, instance)).map(statusOf) }))
    .filter(({ states }) => !states.includes(HEALTHY))
  const perhaps = strangers.filter((instance) => statusOf(instance) === HEALTHY).length + unlisted(answer)
  if (amiss.length <= perhaps) return { ok: true, because: `${gateways.length} gateways are ${HEALTHY}` }
  const said = [
    ...amiss.map(({ node, states }) => `${node.name} is ${states.join(' and ') || 'not listed'}`),
    ...strangers
      .filter((instance) => statusOf(instance) !== HEALTHY)
      .map((instance) => `${instance.hostname ?? instance.ip} is ${statusOf(instance)}`),
  ]
  return { ok: false, because: said.join('; ') }
}

/** How many more there are than the page of the list that it answers with. */
const unlisted = ({ body }: Pick<AdminAnswer, 'body'>): number => {
  const { list = [], total = 0 } = (body ?? {}) as { readonly list?: readonly unknown[]; readonly total?: number }
  return Math.max(0, total - list.length)
}

/** The vendor's word; the others are OutOfSync, LostConnection and Offline. */
const HEALTHY = 'Healthy'

const statusOf = ({ status }: Instance): string => status ?? 'of no state'

/** Docker's default host name is the beginning of the container's id. */
const DOCKER_NAME_LENGTH = 12

const isOf = ({ name, containers }: Node, { hostname, ip }: Instance): boolean =>
  hostname === name ||
  containers.some(({ id, address }) => ip === address || hostname === id.slice(0, DOCKER_NAME_LENGTH))
