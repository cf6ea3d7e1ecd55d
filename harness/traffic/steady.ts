// Whether the deployment is in its steady state: everything that has to hold before a fault, and again after the last.
import { docker } from '../topology/docker.ts'
import type { ServerLook } from '../topology/haproxy.ts'
import { judgeReplication, lookAtMembers, patroniNodes } from '../topology/replication.ts'
import { nodesOf, PRIMARY_BACKEND, portOf, type Topology, urlOf } from '../topology/topology.ts'
import type { AdminAnswer } from './admin-api.ts'
import type { Callers } from './callers.ts'
import { type InsideAnswer, jsonOf } from './inside.ts'
import { judgeInstances } from './instances.ts'
import type { RotationWatch } from './rotation.ts'

/** One thing that has to hold, and what was seen. */
export interface SteadyCheck {
  readonly name: string
  readonly ok: boolean
  readonly because: string
}

/** What the looks are made with. */
export interface SteadyWorld {
  readonly topology: Topology
  readonly rotation: Pick<RotationWatch, 'servers'>
  readonly callers: Pick<Callers, 'get' | 'live'>
  /** Calls a second that the caller lanes are asked for, together. */
  readonly askedRate: number
  /** The control plane's list of its gateways; null before anybody has signed in. Absent: nobody asks for it. */
  readonly instances?: () => Promise<AdminAnswer | null>
}

const LOOK_LIMIT_MS = 1000

/** Less than this share of the asked rate, over the last seconds, is a load that is not there. */
const RATE_SHARE = 0.95

const containersRun = async ({ topology }: SteadyWorld): Promise<SteadyCheck> => {
  const listed = await docker().listContainers({
    all: true,
    filters: { label: [`firedrill.run=${topology.project}`, 'firedrill.node'] },
  })
  const sick = listed.filter((each) => each.State !== 'running' || /unhealthy/.test(each.Status))
  const because = sick.map((each) => `${each.Labels['firedrill.node']} is ${each.Status}`).join('; ')
  return {
    name: 'every container runs',
    ok: sick.length === 0 && listed.length > 0,
    because: because || `${listed.length} containers run`,
  }
}

const balancersTrust = async ({ rotation }: SteadyWorld): Promise<SteadyCheck> => {
  const servers = rotation.servers()
  const waits = (server: ServerLook): boolean => server.backend === PRIMARY_BACKEND && server.state === 'standby'
  const outside = servers.filter((server) => server.state !== 'in' && !waits(server))
  const because = [...outside.map(sayOutside), ...primariesAreOne(servers)].join('; ')
  return {
    name: 'every balancer trusts every node',
    ok: because === '' && servers.length > 0,
    because: because || `${servers.length} servers are in rotation`,
  }
}

/** 'gateways/data-plane-1 is out (L7STS 404)': without what its balancer saw nobody knows where to look. */
const sayOutside = ({ backend, node, state, reason }: ServerLook): string =>
  `${backend}/${node} is ${state}${reason === undefined ? '' : ` (${reason})`}`

/** What speaks against one and the same primary at every balancer that has to choose one; nothing when all is well. */
const primariesAreOne = (servers: readonly ServerLook[]): readonly string[] => {
  const held = servers.filter((server) => server.backend === PRIMARY_BACKEND)
  const balancers = held.length / new Set(held.map((server) => server.node)).size
  const trusted = held.filter((server) => server.state === 'in').map((server) => server.node)
  if (held.length === 0 || (new Set(trusted).size === 1 && trusted.length === balancers)) return []
  return [
    `${PRIMARY_BACKEND} gives connections to ${trusted.join(' and ') || 'nobody'}, and has to give them to one node`,
  ]
}

const gatewaysReady = async ({ topology, callers }: SteadyWorld): Promise<SteadyCheck> => {
  const looks = await Promise.all(
    nodesOf(topology, 'data-plane').map(async (node) => {
      const url = urlOf(node, 'status', '/status/ready')
      const answer = url === null ? null : await callers.get(url, { timeoutMs: LOOK_LIMIT_MS })
      return {
        name: node.name,
        ready: answer?.ok === true && answer.status === 200,
        said: answer?.ok ? `status ${answer.status}` : (answer?.error ?? 'no status port'),
      }
    }),
  )
  const unready = looks.filter((look) => !look.ready).map((look) => `${look.name}: ${look.said}`)
  return {
    name: 'every gateway is ready',
    ok: unready.length === 0 && looks.length > 0,
    because: unready.join('; ') || `${looks.length} gateways answer /status/ready with 200`,
  }
}

/** The routes a gateway serves and how new each is, whatever order it lists them in. Throws where the answer does not say. */
const revisionFrom = (answer: InsideAnswer): string => {
  if (!answer.ok || answer.status !== 200) throw new Error(answer.error ?? `status ${answer.status}`)
  const items = jsonOf(answer) as { key?: string; value?: { id?: string }; modifiedIndex?: number | string }[]
  return items
    .map((item) => `${item.value?.id ?? item.key}@${item.modifiedIndex}`)
    .sort()
    .join(' ')
}

const oneRevision = async ({ topology, callers }: SteadyWorld): Promise<SteadyCheck> => {
  const looks = await Promise.all(
    nodesOf(topology, 'data-plane').map(async (node) => {
      const { name } = node
      const url = urlOf(node, 'control', '/v1/routes')
      if (url === null) return { name, revision: null, said: 'no control port' }
      const answer = await callers.get(url, { timeoutMs: LOOK_LIMIT_MS })
      try {
        const revision = revisionFrom(answer)
        return { name, revision, said: revision }
      } catch (error) {
        return { name, revision: null, said: (error as Error).message }
      }
    }),
  )
  const revisions = new Set(looks.map((look) => look.revision))
  const ok = revisions.size === 1 && !revisions.has(null)
  return {
    name: 'every gateway is on one revision',
    ok,
    because: ok
      ? 'all routes are the same at every gateway'
      : looks.map(({ name, said }) => `${name}: ${said}`).join('; '),
  }
}

/** Only where Patroni keeps the database: a PostgreSQL by itself has nobody to replicate to. */
const databaseInSync = async ({ topology, callers }: SteadyWorld): Promise<SteadyCheck | null> => {
  const nodes = patroniNodes(topology)
  if (nodes.length === 0) return null
  const members = await lookAtMembers(nodes, callers.get)
  return { name: 'the database has one primary and one synchronous standby', ...judgeReplication(members) }
}

/** etcd's /health is a read that a majority confirms. */
const configStoreHealthy = async ({ topology, callers }: SteadyWorld): Promise<SteadyCheck | null> => {
  const nodes = nodesOf(topology, 'config-store').filter((node) => portOf(node, 'etcd'))
  if (nodes.length === 0) return null
  const looks = await Promise.all(
    nodes.map(async (node) => {
      const answer = await callers.get(urlOf(node, 'etcd', '/health') ?? '', { timeoutMs: LOOK_LIMIT_MS })
      const isWell = answer.ok && answer.status === 200
      return isWell ? '' : `${node.name}: ${answer.ok ? `status ${answer.status}` : (answer.error ?? 'no answer')}`
    }),
  )
  const because = looks.filter(Boolean).join('; ')
  return {
    name: 'every member of the config store is healthy',
    ok: because === '',
    because: because || `${nodes.length} members answer /health with 200`,
  }
}

const callsAnswered = async ({ callers, askedRate }: SteadyWorld): Promise<SteadyCheck> => {
  const { rate, ended, answered } = callers.live()
  return {
    name: 'calls are answered at the asked rate',
    ok: rate >= RATE_SHARE * askedRate && answered === ended,
    because: `${answered} of ${ended} calls answered in the last second, ${Math.round(rate)} calls/s of late, ${askedRate} asked`,
  }
}

/** Once somebody has signed in: a Dashboard that is out before anything is broken says nothing of what is broken then. */
const operatorAnswered = async ({ callers }: SteadyWorld): Promise<SteadyCheck | null> => {
  const { operator } = callers.live()
  if (!operator) return null
  return {
    name: 'the operator is answered',
    ok: operator.ended > 0 && operator.answered === operator.ended,
    because: `${operator.answered} of ${operator.ended} calls to the Dashboard answered in the last second`,
  }
}

/** Only where the control plane lists them: a gateway may serve for hours without being heard of. */
const instancesHealthy = async ({ topology, instances }: SteadyWorld): Promise<SteadyCheck | null> => {
  const answer = (await instances?.()) ?? null
  const judged = answer && judgeInstances(topology, answer)
  return judged && { name: 'the control plane sees every gateway healthy', ...judged }
}

const CHECKS: readonly ((world: SteadyWorld) => Promise<SteadyCheck | null>)[] = [
  containersRun,
  balancersTrust,
  gatewaysReady,
  oneRevision,
  databaseInSync,
  configStoreHealthy,
  callsAnswered,
  operatorAnswered,
  instancesHealthy,
]

/** Looks once at everything there is. A check that crashes does not hold. */
export const lookForSteadyState = async (world: SteadyWorld): Promise<readonly SteadyCheck[]> => {
  const looks = await Promise.all(
    CHECKS.map((check) =>
      check(world).catch(
        (error: unknown): SteadyCheck => ({
          name: 'a look at the deployment',
          ok: false,
          because: (error as Error).message,
        }),
      ),
    ),
  )
  return looks.filter((check) => check !== null)
}
