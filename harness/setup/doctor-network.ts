// Whether the deployment's addresses are free: its subnet against routes and Docker's networks, its ports against listeners.
import { readFile } from 'node:fs/promises'
import { BlockList, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Check, good, missing, note } from './check.ts'
import { engineApi } from './docker.ts'
import type { EngineAnswer } from './engine.ts'

const composeFile = fileURLToPath(new URL('../../compose/high-availability.yaml', import.meta.url))

/** Three octets, as the Compose files have them. */
const subnet = (): string => `${process.env.FIREDRILL_SUBNET ?? '10.213.77'}.0/24`

export const networkChecks = async (answer: EngineAnswer | undefined): Promise<readonly Check[]> => {
  const networks = answer?.outcome === 'answers' ? await dockerNetworks() : []
  const ours = networks.find(({ run }) => run !== undefined)
  return Promise.all([subnetCheck(networks), portsCheck(ours?.run)])
}

const subnetCheck = async (networks: readonly Network[]): Promise<Check> => {
  const wanted = subnet()
  const held = networks.find(({ ranges }) => ranges.some((range) => overlap(range, wanted)))
  if (held?.run !== undefined)
    return note('subnet', `${wanted} is held by our own ${held.run}`, '`npm run down` or `npm run clean` frees it.')
  const known = new Set(networks.flatMap(({ ranges }) => ranges))
  const route = (await routes()).find((each) => !known.has(each) && overlap(each, wanted))
  const by = held ? `Docker's network ${held.name}` : route && `this machine's route ${route}`
  return by
    ? missing(
        'subnet',
        `${wanted} clashes with ${by}`,
        'Set FIREDRILL_SUBNET to three octets that are free, as in FIREDRILL_SUBNET=10.99.0.',
      )
    : good('subnet', `${wanted} is free`)
}

const portsCheck = async (ourRun: string | undefined): Promise<Check> => {
  const ports = publishedPorts(await readFile(composeFile, 'utf8').catch(() => ''))
  const tried = await Promise.all(
    ports.map(async ({ variable, port }) => ({ variable, port, isFree: await isFree(port) })),
  )
  const taken = tried.filter(({ isFree }) => !isFree)
  const numbers = (of: readonly { port: number }[]) => of.map(({ port }) => port).join(', ')
  if (taken.length === 0) return good('ports', `${numbers(ports)} on 127.0.0.1 are free`)
  if (ourRun !== undefined)
    return note('ports', `${numbers(taken)} on 127.0.0.1 are held, by our own ${ourRun} it seems`)
  const variables = taken.map(({ variable }) => variable).join(', ')
  return missing(
    'ports',
    `${numbers(taken)} on 127.0.0.1 are taken by another program`,
    `Stop it, or set ${variables}.`,
  )
}

/** The ports a Compose file publishes, and the variable that moves each: `127.0.0.1:${VARIABLE:-port}:…`. */
export const publishedPorts = (compose: string): readonly { readonly variable: string; readonly port: number }[] =>
  [...compose.matchAll(/127\.0\.0\.1:\$\{(\w+):-(\d+)\}/g)].map(([, variable = '', standard = '']) => ({
    variable,
    port: Number(process.env[variable] || standard),
  }))

/** Whether two IPv4 ranges share an address: then one holds the other's first. */
export const overlap = (one: string, other: string): boolean => holdsFirst(one, other) || holdsFirst(other, one)

const holdsFirst = (range: string, other: string): boolean => {
  const [base = '', bits = '32'] = range.split('/')
  const list = new BlockList()
  list.addSubnet(base, Number(bits), 'ipv4')
  return list.check(other.split('/')[0] ?? '', 'ipv4')
}

interface Network {
  readonly name: string
  readonly ranges: readonly string[]
  /** The run it belongs to, when it is ours. */
  readonly run: string | undefined
}

const dockerNetworks = async (): Promise<readonly Network[]> =>
  (await engineApi().listNetworks()).map(({ Name, IPAM, Labels }) => ({
    name: Name,
    ranges: (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet?.includes('.') ? [Subnet] : [])),
    run: Labels?.['firedrill.run'],
  }))

/** This machine's IPv4 routes but the default one. None where there is no /proc. */
const routes = async (): Promise<readonly string[]> =>
  parsedRoutes(await readFile('/proc/net/route', 'utf8').catch(() => ''))

/** /proc/net/route has destination and mask as hexadecimal in this machine's byte order: little-endian wherever Docker runs. */
export const parsedRoutes = (text: string): readonly string[] =>
  text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination, , , , , , mask] = line.trim().split(/\s+/)
      if (!destination || !mask || destination === '00000000') return []
      const octets = (destination.match(/../g) ?? []).reverse().map((hex) => Number.parseInt(hex, 16))
      const bits = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length
      return [`${octets.join('.')}/${bits}`]
    })

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
