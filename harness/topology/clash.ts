// What would be in the way of a deployment, told before anything is started: a run, a network, a port.
import { createServer } from 'node:net'
import { readFile } from 'node:fs/promises'
import { EnvironmentError } from '../time/errors.ts'
import { docker } from './docker.ts'
import { isAlive, leases } from './lease.ts'

const octetsOf = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)

/** Whether two IPv4 ranges in CIDR notation share an address. */
export const overlaps = (left: string, right: string): boolean => {
  const [leftBase = '', leftBits = '32'] = left.split('/')
  const [rightBase = '', rightBits = '32'] = right.split('/')
  const size = 2 ** (32 - Math.min(Number(leftBits), Number(rightBits)))
  return Math.floor(octetsOf(leftBase) / size) === Math.floor(octetsOf(rightBase) / size)
}

/** Destinations of the machine's own IPv4 routes, in CIDR notation, without the default route. Empty off Linux. */
export const routesFrom = (procNetRoute: string): readonly string[] =>
  procNetRoute
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 7 && fields[1] !== '00000000')
    .map((fields) => {
      const littleEndian = (hex: string): number[] => (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse()
      const bits = littleEndian(fields[7] ?? '').reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
      return `${littleEndian(fields[1] ?? '').join('.')}/${bits}`
    })

const refuseAnotherRun = async (run: string, subnet: string): Promise<void> => {
  const other = (await leases()).find((lease) => lease.run !== run && lease.subnet === subnet && isAlive(lease))
  if (!other) return
  const way = other.kind === 'up' ? 'Take it down with `npm run down`' : `Wait for it (pid ${other.pid})`
  throw new EnvironmentError(
    `Subnet ${subnet}.0/24 is held by ${other.kind} ${other.run} since ${other.since}. ${way}, or set FIREDRILL_SUBNET to another /24.`,
    { code: 'ERR_SECOND_RUN' },
  )
}

const refuseTakenSubnet = async (run: string, subnet: string): Promise<void> => {
  const wanted = `${subnet}.0/24`
  const networks = (await docker().listNetworks()).filter((network) => network.Labels?.['firedrill.run'] !== run)
  const taken = networks.find((network) =>
    network.IPAM?.Config?.some((range) => range.Subnet?.includes('.') && overlaps(range.Subnet, wanted)),
  )
  const bridges = new Set(networks.flatMap((network) => network.IPAM?.Config?.map((range) => range.Subnet) ?? []))
  const routes = routesFrom(await readFile('/proc/net/route', 'utf8').catch(() => ''))
  const route = routes.find((each) => !bridges.has(each) && overlaps(each, wanted))
  const by = taken ? `Docker network ${taken.Name}` : route ? `a route of this machine (${route})` : null
  if (by) {
    throw new EnvironmentError(`Subnet ${wanted} clashes with ${by}. Set FIREDRILL_SUBNET to a free /24, as in FIREDRILL_SUBNET=10.99.0.`, {
      code: 'ERR_SUBNET_TAKEN',
    })
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })

const refuseTakenPorts = async (ports: Readonly<Record<string, number>>): Promise<void> => {
  for (const [variable, port] of Object.entries(ports)) {
    if (await isFree(port)) continue
    throw new EnvironmentError(`Port 127.0.0.1:${port} is taken by another program. Stop it, or set ${variable} to a free port.`, {
      code: 'ERR_PORT_TAKEN',
    })
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
