// What a scenario can break: the acts of the cast's `faults`, each a kind of the fault room with words for its options.
import { type BandwidthOptions, bandwidth } from '../fault/bandwidth.ts'
import { type CertificateOptions, certificate } from '../fault/certificate.ts'
import { cpu } from '../fault/cpu.ts'
import { crash } from '../fault/crash.ts'
import { disk } from '../fault/disk.ts'
import type { FaultOptions } from '../fault/fault.ts'
import { flap } from '../fault/flap.ts'
import type { IdentityWorld } from '../fault/identity/shown.ts'
import { isolate } from '../fault/isolate.ts'
import { kill } from '../fault/kill.ts'
import type { Hits, Kind } from '../fault/kind.ts'
import type { DatabaseWorld } from '../fault/leadership.ts'
import { type LossOptions, loss } from '../fault/loss.ts'
import { memory } from '../fault/memory.ts'
import type { NetworkWorld } from '../fault/network/network.ts'
import { type OneWayOptions, oneWay } from '../fault/one-way.ts'
import { outage } from '../fault/outage.ts'
import { partition } from '../fault/partition.ts'
import { pause } from '../fault/pause.ts'
import type { ProcessWorld } from '../fault/process.ts'
import { reject } from '../fault/reject.ts'
import { type ReloadWorld, reload } from '../fault/reload.ts'
import { replace } from '../fault/replace.ts'
import { restart } from '../fault/restart.ts'
import { slow } from '../fault/slow.ts'
import { stop } from '../fault/stop.ts'
import { type SwitchoverOptions, switchover } from '../fault/switchover.ts'
import { type Duration, toMs } from '../time/duration.ts'
import { listed, type Targets } from '../topology/group.ts'
import type { Node, Topology, Zone } from '../topology/topology.ts'

/** A fault in effect, as a script holds it. */
export interface FaultInEffect {
  /** Puts it right node after node, those of `order` first. */
  heal(order?: Targets): Promise<void>
}

type Breaks<More = unknown> = (nodes: Targets, options?: FaultOptions & More) => Promise<FaultInEffect>
type BreaksBy<More> = (nodes: Targets, options: FaultOptions & More) => Promise<FaultInEffect>

/** Each waits until the fault is proven to be in effect, and rejects where nobody can prove it. */
export interface FaultActs {
  /** The image's own signal, and the container's own time to drain. */
  readonly stop: Breaks
  readonly kill: Breaks
  /** The power goes: every process of all these nodes ends at once. */
  readonly outage: Breaks
  /** A signal from inside, as a program that dies of itself: a restart policy fires. */
  readonly crash: Breaks
  /** Down and up again, again and again, until it is healed. */
  readonly flap: Breaks<{ readonly down?: Duration; readonly up?: Duration }>
  /** Another container of the same make runs under the node's name, at another address: healed, the node is itself again. */
  readonly replace: Breaks
  /** Freezes every process: connections are still accepted, and nothing answers. */
  readonly pause: Breaks
  /** Stops and starts each node, and waits until it listens again. */
  readonly restart: (nodes: Targets, options?: FaultOptions) => Promise<void>
  /** Each balancer reads its configuration again: another worker of it takes the connections, and the one before finishes its calls. */
  readonly reload: (nodes: Targets, options?: FaultOptions) => Promise<void>
  /**
   * Drops every packet to and from the nodes; on new connections only, or on those that were open only, where `connections`
   * says so. `together`: they still reach each other, as in a zone that is cut off from the rest, its callers with it.
   */
  readonly isolate: Breaks<{ readonly connections?: Hits; readonly together?: boolean }>
  /** Packets pass in one direction only: those that come in are lost, or those that go out. */
  readonly oneWay: BreaksBy<OneWayOptions>
  /** The nodes answer everybody with a reset: refused connections, and an end to those that were open. */
  readonly reject: Breaks
  /** The nodes and those others do not hear each other any more; everybody else hears both. */
  readonly partition: (nodes: Targets, from: Targets, options?: FaultOptions) => Promise<FaultInEffect>
  /** A share of the packets is lost at random, both ways: 0.3 is three in ten. */
  readonly lose: BreaksBy<LossOptions>
  /** What the nodes send leaves at so many kbit/s; what exceeds it waits, and is lost beyond half a second. */
  readonly bandwidth: BreaksBy<BandwidthOptions>
  /** Every round trip with the nodes takes so much longer, and up to `jitter` beyond it. */
  readonly slow: BreaksBy<{ readonly by: Duration; readonly jitter?: Duration }>
  /** The nodes have no more than so much of a processor. */
  readonly cpu: BreaksBy<{ readonly cores: number }>
  /** The nodes have no more than so much memory; for a minute at most, where all else has five: a shortage that nobody ends is soon an end. */
  readonly memory: BreaksBy<{ readonly bytes: number }>
  /** A volume of the nodes is full. */
  readonly fillDisk: Breaks<{ readonly path?: string }>
  /**
   * Patroni hands the primary's role over to its synchronous standby, as planned maintenance does; `await gateway.primary()`
   * is who has it. Healing waits until replication is in sync again, and hands the role back where `back` is said.
   */
  readonly switchover: Breaks<SwitchoverOptions>
  /** The nodes show DP Manager a client certificate that it refuses, and their connections there end. */
  readonly certificate: BreaksBy<CertificateOptions>
}

/** How an act is carried out, as a step of the runbook. */
export interface Breaking {
  breaks(kind: Kind, nodes: Targets, options?: FaultOptions): Promise<FaultInEffect>
  /** A fault that is healed at once, one node after another. */
  restarts(kind: Kind, nodes: Targets, options?: FaultOptions): Promise<void>
}

/** Callers who stand in a zone that is hit as a whole: whoever cuts it off from the others cuts them off too. */
const withCallers = (
  { topology, callersInZones }: Pick<Breakable, 'topology' | 'callersInZones'>,
  nodes: Targets,
): readonly Node[] => {
  const names = new Set(listed(nodes).map(({ name }) => name))
  const isHit = (zone: Zone): boolean => topology.nodes.every((node) => node.zone !== zone || names.has(node.name))
  return [...listed(nodes), ...callersInZones.filter(({ zone }) => isHit(zone))]
}

const addressesOf = (targets: Targets): readonly string[] =>
  listed(targets).flatMap((node) => node.containers.map(({ address }) => address))

/** What the acts work with. */
export interface Breakable {
  readonly processes: ProcessWorld
  readonly workers: ReloadWorld
  readonly network: NetworkWorld
  readonly database: DatabaseWorld
  readonly identities: IdentityWorld
  readonly topology: Topology
  /** A node for the callers of each zone where some stand. */
  readonly callersInZones: readonly Node[]
}

/** The acts on a deployment whose processes, network, database and certificates are at hand. */
export const faultActs = (
  { processes, workers, network, database, identities, ...standing }: Breakable,
  { breaks, restarts }: Breaking,
): FaultActs => ({
  stop: (nodes, options) => breaks(stop(processes), nodes, options),
  kill: (nodes, options) => breaks(kill(processes), nodes, options),
  outage: (nodes, options) => breaks(outage(processes), nodes, options),
  crash: (nodes, options) => breaks(crash(processes), nodes, options),
  flap: (nodes, { down, up, ...options } = {}) =>
    breaks(flap(processes, { ...(down && { downMs: toMs(down) }), ...(up && { upMs: toMs(up) }) }), nodes, options),
  replace: (nodes, options) => breaks(replace(processes), nodes, options),
  pause: (nodes, options) => breaks(pause(processes), nodes, options),
  restart: (nodes, options) => restarts(restart(processes), nodes, options),
  reload: (nodes, options) => restarts(reload(workers), nodes, options),
  isolate: (nodes, { connections, together, ...options } = {}) => {
    const hit = together ? withCallers(standing, nodes) : nodes
    const except = together ? addressesOf(hit) : []
    return breaks(isolate(network, { ...(connections && { connections }), except }), hit, options)
  },
  oneWay: (nodes, { direction, ...options }) => breaks(oneWay(network, { direction }), nodes, options),
  reject: (nodes, options) => breaks(reject(network), nodes, options),
  partition: (nodes, from, options) => breaks(partition(network, { from: listed(from) }), nodes, options),
  lose: (nodes, { share, ...options }) => breaks(loss(network, { share }), nodes, options),
  bandwidth: (nodes, { kbitPerSecond, ...options }) => breaks(bandwidth(network, { kbitPerSecond }), nodes, options),
  slow: (nodes, { by, jitter, ...options }) =>
    breaks(slow(network, { byMs: toMs(by), ...(jitter && { jitterMs: toMs(jitter) }) }), nodes, options),
  cpu: (nodes, { cores, ...options }) => breaks(cpu(processes, { cores }), nodes, options),
  memory: (nodes, { bytes, ...options }) => breaks(memory(processes, { bytes }), nodes, options),
  certificate: (nodes, { state, ...options }) => breaks(certificate(identities, { state }), nodes, options),
  fillDisk: (nodes, { path, ...options } = {}) => breaks(disk(processes, { ...(path && { path }) }), nodes, options),
  switchover: (nodes, { back, ...options } = {}) =>
    breaks(switchover(database, { ...(back && { back }) }), nodes, options),
})
