// An engine on another machine: what it publishes on 127.0.0.1 is there, and answers here only where it is forwarded.
import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { EnvironmentError } from '../time/errors.ts'
import { isFreePort } from './addresses.ts'
import { type Endpoint, endpointMeant, sayEndpoint } from './engine.ts'

/** Whether an engine is on another machine: by TCP or SSH, at no address of this one. A socket is this machine's, also Docker Desktop's, Podman's or a user's own. */
export const isOnAnotherMachine = async ({ host }: Pick<Endpoint, 'host'>): Promise<boolean> => {
  const name = machineIn(host)
  if (name === null) return false
  // A name that only SSH's own configuration knows has no address.
  const found = await lookup(name, { all: true }).catch(() => [])
  return !found.some(({ address }) => isOurs(address))
}

/** The machine that an endpoint names; null where it is a socket. */
const machineIn = (host: string): string | null => {
  if (!/^(tcp|https?|ssh):\/\//.test(host) || !URL.canParse(host)) return null
  return new URL(host).hostname.replace(/^\[(.*)\]$/, '$1') || null
}

const isOurs = (address: string): boolean =>
  address.startsWith('127.') ||
  address === '0.0.0.0' ||
  Object.values(networkInterfaces()).some((all) => all?.some((own) => own.address === address))

/**
 * Resolves with whether the engine, which is the one that is meant where none is given, is on another machine. Throws EnvironmentError
 * ERR_ENGINE_FAR where it is, and any of the ports that it is to publish is not forwarded to here.
 */
export const refuseUnforwarded = async (
  ports: readonly number[],
  meant: Endpoint | Promise<Endpoint> = endpointMeant(),
): Promise<boolean> => {
  const engine = await meant
  if (!(await isOnAnotherMachine(engine))) return false
  const tried = await Promise.all([...new Set(ports)].map(async (port) => ({ port, isFree: await isFreePort(port) })))
  const missing = tried.filter(({ isFree }) => isFree).map(({ port }) => port)
  if (missing.length === 0) return true
  const forwards = missing.map((port) => `-L ${port}:127.0.0.1:${port}`).join(' ')
  throw new EnvironmentError(
    `The Docker engine at ${sayEndpoint(engine)}, is on another machine, and publishes Dashboard, gateway and balancers on that one's 127.0.0.1, where they cannot be reached from here: nobody listens on ${missing.join(', ')} of this one. Run firedrill on that machine, or forward its ports to here first: \`ssh -N ${forwards} ${machineIn(engine.host)}\`.`,
    { code: 'ERR_ENGINE_FAR' },
  )
}
