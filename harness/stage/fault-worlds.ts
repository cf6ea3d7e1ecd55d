// What each kind of fault acts and looks through, on one deployment: the engine, the callers' eyes, and the members of its stores.
import { dockerRuntime, type watchEngine } from '../fault/docker.ts'
import { issuedBeside } from '../fault/identity/issue.ts'
import { looksBy } from '../fault/identity/looks.ts'
import { doorsOf, type IdentityWorld } from '../fault/identity/shown.ts'
import type { DatabaseWorld } from '../fault/leadership.ts'
import { networkOver } from '../fault/network/docker.ts'
import type { NetworkWorld } from '../fault/network/network.ts'
import type { ProcessWorld } from '../fault/process.ts'
import type { ConfigStoreWorld } from '../fault/quorum.ts'
import type { ReloadWorld } from '../fault/reload.ts'
import type { Clock } from '../time/clock.ts'
import { processOf, type ServerLook } from '../topology/haproxy.ts'
import { patroniNodes } from '../topology/replication.ts'
import { nodesOf, portOf, type Topology } from '../topology/topology.ts'
import type { Callers } from '../traffic/callers.ts'

/** Connections that callers keep open, as faults on the network ask them. */
export const keptBy =
  (callers: Pick<Callers, 'keep'>): NonNullable<NetworkWorld['keep']> =>
  async (address, port) => {
    const kept = await callers.keep(address, port)
    return {
      ask: async (limitMs) => (await kept.ask(limitMs)).outcome,
      draw: (answers, limitMs) => kept.ask(limitMs, answers),
      close: kept.close,
    }
  }

/** Processes as the engine and the callers see them. */
export const processesSeenBy = ({
  callers,
  engine,
  clock,
  keepLog,
}: Pick<ProcessWorld, 'engine' | 'clock' | 'keepLog'> & {
  readonly callers: Pick<Callers, 'connect' | 'get' | 'resolve'>
}): ProcessWorld => ({
  ...(keepLog && { keepLog }),
  runtime: dockerRuntime,
  engine,
  clock,
  probe: (address, port, limitMs) => callers.connect(address, port, limitMs),
  ask: async (url, timeoutMs) => {
    const { ok, from, to } = await callers.get(url, { timeoutMs })
    return { answered: ok, from, to }
  },
  resolve: (name, timeoutMs) => callers.resolve(name, timeoutMs),
})

/** What holds packet rules and links, beside whoever is hit. */
export const HELPER_IMAGE = process.env.FIREDRILL_FAULT_HELPER_IMAGE ?? 'firedrill/fault-helper:local'

/** `servers` looks at every balancer afresh; `keepLog` saves the log of whoever stood in for a container. */
export const faultWorlds = ({
  topology,
  callers,
  engine,
  clock,
  servers,
  keepLog,
}: {
  readonly topology: Topology
  readonly callers: Callers
  readonly engine: Awaited<ReturnType<typeof watchEngine>>
  readonly clock: Clock
  readonly servers: () => Promise<readonly ServerLook[]>
  readonly keepLog: NonNullable<ProcessWorld['keepLog']>
}) => {
  const database: DatabaseWorld = {
    members: patroniNodes(topology),
    exchange: callers.get,
    runtime: dockerRuntime,
    clock,
    servers,
  }
  const configStore: ConfigStoreWorld = {
    members: nodesOf(topology, 'config-store').filter((node) => portOf(node, 'etcd')),
    exchange: callers.get,
    clock,
  }
  const processes = processesSeenBy({ callers, engine, clock, keepLog })
  const workers: ReloadWorld = {
    ...processes,
    answering: async ({ name, ports }) => {
      const port = ports.balancer?.published
      return port === undefined ? null : processOf({ name, port })
    },
  }
  const helpers = networkOver({
    run: topology.project,
    probe: processes.probe,
    clock,
    image: HELPER_IMAGE,
  })
  const network: NetworkWorld = {
    ...helpers,
    keep: keptBy(callers),
  }
  const controlPlane = nodesOf(topology, 'control-plane')
  const identities: IdentityWorld = {
    runtime: dockerRuntime,
    network: helpers.network,
    clock,
    doors: doorsOf(controlPlane),
    issue: issuedBeside(dockerRuntime, controlPlane),
    ...looksBy(callers.get),
  }
  return { database, configStore, processes, workers, network, identities }
}
