// What would be in the way of a deployment, told before anything is started: a run, a network, a port.
import { isFreePort, machineRoutes, overlap } from '../setup/addresses.ts'
import { refuseUnforwarded } from '../setup/far-engine.ts'
import { runOf } from '../setup/run-name.ts'
import { EnvironmentError } from '../time/errors.ts'
import { docker } from './docker.ts'
import { elsewhereAmong } from './engine-id.ts'
import { isAlive, type Lease, leases, lifeByLease } from './lease.ts'

/** Of two that began together one goes on: who was first, and of the same instant whose name is. What is up was there before. */
const goesFirst = (other: Lease, own: Lease | undefined): boolean => {
  if (!own || other.kind === 'up') return true
  return other.since === own.since ? other.run < own.run : other.since < own.since
}

const refuseAnotherRun = async (run: string, subnet: string): Promise<void> => {
  const all = await leases()
  const others = await elsewhereAmong(all)
  // What is on another engine is in nobody's way here.
  const held = all.filter((lease) => !others.includes(lease))
  const own = held.find((lease) => lease.run === run)
  const other = held.find(
    (lease) => lease.run !== run && lease.subnet === subnet && isAlive(lease) && goesFirst(lease, own),
  )
  if (!other) return
  const unseen = `Whether it lives (pid ${other.pid} on ${other.host}) cannot be seen from here: \`npm run clean -- ${other.run}\` removes it`
  const wait = lifeByLease(other) === 'unknown' ? unseen : `Wait for it (pid ${other.pid})`
  const way = other.kind === 'up' ? 'Take it down with `npm run down`' : wait
  throw new EnvironmentError(
    `Subnet ${subnet}.0/24 is held by ${other.kind} ${other.run} since ${other.since}. ${way}, or set FIREDRILL_SUBNET to another /24.`,
    { code: 'ERR_SECOND_RUN' },
  )
}

const refuseTakenSubnet = async (run: string, subnet: string): Promise<void> => {
  const wanted = `${subnet}.0/24`
  const networks = (await docker().listNetworks()).filter((network) => runOf(network.Labels) !== run)
  const taken = networks.find((network) =>
    network.IPAM?.Config?.some((range) => range.Subnet?.includes('.') && overlap(range.Subnet, wanted)),
  )
  const bridges = new Set(networks.flatMap((network) => network.IPAM?.Config?.map((range) => range.Subnet) ?? []))
  const route = (await machineRoutes()).find((each) => !bridges.has(each) && overlap(each, wanted))
  const theirs = runOf(taken?.Labels)
  const clean =
    theirs === undefined ? '' : ` If nobody needs run ${theirs} any more, \`npm run clean -- ${theirs}\` removes it.`
  const by = taken ? `Docker network ${taken.Name}` : route ? `a route of this machine (${route})` : null
  if (by) {
    throw new EnvironmentError(
      `Subnet ${wanted} clashes with ${by}. Set FIREDRILL_SUBNET to a free /24, as in FIREDRILL_SUBNET=10.99.0.${clean}`,
      {
        code: 'ERR_SUBNET_TAKEN',
      },
    )
  }
}

const refuseTakenPorts = async (ports: Readonly<Record<string, number>>): Promise<void> => {
  // Of another machine's engine whoever holds them here forwards them, and whether they are taken there Compose tells.
  if (await refuseUnforwarded(Object.values(ports))) return
  for (const [variable, port] of Object.entries(ports)) {
    if (await isFreePort(port)) continue
    throw new EnvironmentError(
      `Port 127.0.0.1:${port} is taken by another program. Stop it, or set ${variable} to a free port.`,
      {
        code: 'ERR_PORT_TAKEN',
      },
    )
  }
}

/** Throws EnvironmentError, naming the other side, when a run, a network, a route or a port is in the way. */
export const refuseClashes = async (wanted: {
  readonly run: string
  readonly subnet: string
  /** The variable that moves each port → the port. */
  readonly ports: Readonly<Record<string, number>>
}): Promise<void> => {
  await refuseAnotherRun(wanted.run, wanted.subnet)
  await refuseTakenSubnet(wanted.run, wanted.subnet)
  await refuseTakenPorts(wanted.ports)
}
