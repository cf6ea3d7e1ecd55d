// Addresses and ports of this machine: what a Compose file asks for, what routes hold, what is free.
import { readFile } from 'node:fs/promises'
import { BlockList, createServer } from 'node:net'

/** The ports a Compose file publishes, and the variable that moves each: `127.0.0.1:${VARIABLE:-port}:…`. */
export const publishedPorts = (
  compose: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly { readonly variable: string; readonly port: number }[] =>
  [...compose.matchAll(/127\.0\.0\.1:\$\{(\w+):-(\d+)\}/g)].map(([, variable = '', standard = '']) => ({
    variable,
    port: Number(environment[variable] || standard),
  }))

/** Whether two IPv4 ranges share an address: then one holds the other's first. */
export const overlap = (one: string, other: string): boolean => holdsFirst(one, other) || holdsFirst(other, one)

const holdsFirst = (range: string, other: string): boolean => {
  const [base = '', bits = '32'] = range.split('/')
  const list = new BlockList()
  list.addSubnet(base, Number(bits), 'ipv4')
  return list.check(other.split('/')[0] ?? '', 'ipv4')
}

/** This machine's IPv4 routes but the default one. None where there is no /proc. */
export const machineRoutes = async (): Promise<readonly string[]> =>
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

/** Whether nobody listens on this port of 127.0.0.1. */
export const isFreePort = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
