// The DP Manager's second door: the same calls over mutual TLS, for gateways with a certificate of this installation.
import { hostname, networkInterfaces } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { type Authority, issueServerCertificate } from '../certificates.ts'
import type { Settings } from '../settings.ts'
import { listenWithTls, type TlsListener } from '../tls-listener.ts'

/** What gateways ask for by SNI. */
const SERVER_NAME = 'api7ee3-dp-manager'

/** Listens. Whoever has no certificate, or one of another installation, does not get past the handshake. */
export const openGatewayDoor = async (
  server: FastifyInstance,
  authority: Authority,
  { listenHost: host, tlsPort: port, nodeName }: Pick<Settings, 'listenHost' | 'tlsPort' | 'nodeName'>,
): Promise<TlsListener> => {
  const { certificate: cert, key } = await issueServerCertificate(authority, namesOf(nodeName))
  const ca = authority.certificate
  return await listenWithTls(server, { host, port, cert, key, ca, requestCert: true, rejectUnauthorized: true })
}

const namesOf = (nodeName: string): readonly [string, ...string[]] => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))
  return [SERVER_NAME, ...new Set(['dp-manager', 'localhost', nodeName, hostname(), '127.0.0.1', ...addresses])]
}
