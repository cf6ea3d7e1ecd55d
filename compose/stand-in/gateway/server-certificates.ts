// The certificate for a server name: one of the configuration's ssls, else one that the gateway made for itself.
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Configuration } from './configuration.ts'
import type { Item } from './etcd-json.ts'
import { type Log, reasonOf } from './log.ts'

interface SslConfig {
  readonly type?: string
  readonly sni?: string
  readonly snis?: readonly string[]
  readonly cert: string
  readonly key: string
  readonly status?: number
}

export interface ServerCertificate {
  readonly certificate: string
  readonly key: string
}

export interface CertificateParts {
  readonly configuration: Configuration
  readonly prefix: string
  readonly log: Log
  /** For names that no ssl object has. APISIX ends such handshakes; a drill without certificates would have no HTTPS then. */
  readonly fallback: ServerCertificate
}

/** An exact name comes before a wildcard, and a wildcard stands for one label, as in APISIX. */
export function certificateByName(parts: CertificateParts): (serverName: string) => SecureContext {
  const { configuration, prefix, fallback } = parts
  const ownContext = createSecureContext({ cert: fallback.certificate, key: fallback.key })
  let byName: ReadonlyMap<string, SecureContext> | undefined
  configuration.onChange((keys) => {
    if (keys === undefined || keys.some((key) => key.startsWith(`${prefix}/ssls/`))) byName = undefined
  })
  return (serverName) => {
    byName ??= contextsByName(parts)
    const name = serverName.toLowerCase()
    return byName.get(name) ?? byName.get(`*${name.slice(name.indexOf('.'))}`) ?? ownContext
  }
}

function contextsByName({ configuration, log }: CertificateParts): ReadonlyMap<string, SecureContext> {
  const contexts = new Map<string, SecureContext>()
  for (const item of configuration.directory('ssls')) {
    const { type, status, sni, snis = [] } = item.value as SslConfig
    if (type === 'client' || status === 0) continue
    const context = contextOf(item, log)
    const names = sni === undefined ? snis : [sni]
    if (context !== undefined) for (const name of names) contexts.set(name.toLowerCase(), context)
  }
  return contexts
}

function contextOf({ key: at, value, modifiedIndex }: Item, log: Log): SecureContext | undefined {
  const { cert, key } = value as SslConfig
  try {
    return createSecureContext({ cert, key })
  } catch (error) {
    log.error({ key: at, revision: modifiedIndex }, `certificate at ${at} cannot be used: ${reasonOf(error)}`)
    return undefined
  }
}
