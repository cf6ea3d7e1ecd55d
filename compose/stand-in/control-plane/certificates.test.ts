import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type Authority,
  type Issued,
  issueClientCertificate,
  issueServerCertificate,
  makeAuthority,
} from './certificates.ts'
import { issueRefused } from './refused-certificate.ts'

const DAY_MS = 86_400_000
const NAMES = ['api7ee3-dp-manager', 'localhost', '127.0.0.1', '::1'] as const

/** A server that demands a certificate of this authority, and says the OU of whoever comes. */
const serverOf = async (authority: Authority, { certificate, key }: Issued) => {
  const options = { cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true }
  const server = createServer(options, (socket) => {
    socket.on('error', () => undefined)
    socket.end(String(socket.getPeerCertificate().subject.OU))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, port: typeof address === 'object' && address ? address.port : 0 }
}

const saidBy = async (socket: TLSSocket): Promise<string> => {
  let said = ''
  socket.on('data', (chunk) => {
    said += chunk
  })
  await once(socket, 'close')
  return said
}

describe('the certificates of an installation', () => {
  const servers: { close(): unknown }[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  test('an authority lasts ten years, and is one', async () => {
    const certificate = new X509Certificate((await makeAuthority()).certificate)
    expect([certificate.ca, certificate.publicKey.asymmetricKeyType]).toEqual([true, 'ed25519'])
    expect(certificate.subject).toContain('CN=API7 Inc')
    expect((Date.parse(certificate.validTo) - Date.now()) / DAY_MS).toBeCloseTo(3_650, 0)
  })

  test('a gateway is told by its common name and its group, for about 13 months', async () => {
    const authority = await makeAuthority()
    const issued = await issueClientCertificate(authority, { gatewayGroupId: 'default' })
    const certificate = new X509Certificate(issued.certificate)
    expect(certificate.subject.split('\n')).toEqual(['O=API7 Inc', 'OU=default', 'CN=api7ee3-apisix-gateway'])
    expect(certificate.publicKey.asymmetricKeyType).toBe('ed25519')
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
    expect((issued.expiresAt.getTime() - Date.now()) / DAY_MS).toBeCloseTo(395, 0)
  })

  test.each(NAMES)('a server is trusted under %s, and by the group of the gateway that calls', async (name) => {
    const authority = await makeAuthority()
    const { server, port } = await serverOf(authority, await issueServerCertificate(authority, NAMES))
    servers.push(server)
    const { certificate, key } = await issueClientCertificate(authority, { gatewayGroupId: 'group-7' })
    const isAddress = isIP(name) > 0
    const checkServerIdentity = (_host: string, { raw }: { raw: Buffer }): Error | undefined => {
      const presented = new X509Certificate(raw)
      return (isAddress ? presented.checkIP(name) : presented.checkHost(name)) ? undefined : new Error(`not ${name}`)
    }
    const trust = { ca: authority.certificate, cert: certificate, key, checkServerIdentity }
    const socket = connect({ host: '127.0.0.1', port, servername: isAddress ? '' : name, ...trust })
    expect(await saidBy(socket)).toBe('group-7')
  })

  test('a gateway of another installation is refused in the handshake', async () => {
    const [ours, theirs] = [await makeAuthority(), await makeAuthority()]
    const { server, port } = await serverOf(ours, await issueServerCertificate(ours, NAMES))
    servers.push(server)
    const refused = once(server, 'tlsClientError')
    const { certificate, key } = await issueClientCertificate(theirs, { gatewayGroupId: 'default' })
    const options = { servername: NAMES[0], ca: ours.certificate, cert: certificate, key }
    const socket = connect({ host: '127.0.0.1', port, ...options })
    socket.on('error', () => undefined)
    expect(await saidBy(socket)).toBe('')
    await refused
  })

  test.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['foreign', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('one that was issued %s is refused in the handshake, and for that', async (state, because) => {
    const authority = await makeAuthority()
    const { server, port } = await serverOf(authority, await issueServerCertificate(authority, NAMES))
    servers.push(server)
    const refused = once(server, 'tlsClientError')
    const { certificate, key } = await issueRefused(authority, { state, gatewayGroupId: 'default' })
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca: authority.certificate,
      servername: NAMES[0],
      cert: certificate,
      key,
    })
    socket.on('error', () => undefined)
    expect(await saidBy(socket)).toBe('')
    const [, { authorizationError }] = await refused
    expect(authorizationError).toBe(because)
  })

  test('what is to be refused is expired or foreign, and nothing else', async () => {
    const asked = { state: 'stale', gatewayGroupId: 'default' }
    await expect(issueRefused(await makeAuthority(), asked)).rejects.toThrow("'stale', expected expired or foreign")
  })
})
