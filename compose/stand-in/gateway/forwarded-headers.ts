// The headers that pass through the gateway: hop-by-hop ones stay behind, the forwarding ones are added.
import type { IncomingMessage } from 'node:http'

/** Headers that concern one connection only (RFC 9110 §7.6.1), and `expect`, which Node has answered already. */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Those that the gateway writes itself, so the caller's own are not passed on as they came. */
const rewritten = new Set(['x-real-ip', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port'])

export const serverName = 'APISIX/3.x-stand-in'

/** A flat list of names and values for the upstream; `host` replaces the caller's Host where the upstream demands another. */
export function requestHeaders(request: IncomingMessage, host: string | undefined): string[] {
  const { rawHeaders, headers, socket } = request
  const dropped = namedByConnection(headers.connection)
  const flat: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const lower = name.toLowerCase()
    if (hopByHop.has(lower) || rewritten.has(lower) || dropped?.has(lower)) continue
    flat.push(name, lower === 'host' && host !== undefined ? host : (rawHeaders[index + 1] ?? ''))
  }
  const caller = plainAddress(socket.remoteAddress)
  const before = headers['x-forwarded-for']
  flat.push('X-Real-IP', caller, 'X-Forwarded-For', before === undefined ? caller : `${before}, ${caller}`)
  flat.push('X-Forwarded-Proto', 'encrypted' in socket ? 'https' : 'http')
  flat.push('X-Forwarded-Host', headers.host?.replace(/:\d+$/, '') ?? '', 'X-Forwarded-Port', String(socket.localPort))
  return flat
}

/** A flat list for the caller, with the gateway's own Server and, when the upstream failed, its status. */
export function responseHeaders(raw: readonly (Buffer | string)[], status: number): string[] {
  const flat: string[] = []
  let dropped: ReadonlySet<string> | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toString('latin1') ?? ''
    const value = raw[index + 1]?.toString('latin1') ?? ''
    const lower = name.toLowerCase()
    if (lower === 'connection') dropped = namedByConnection(value)
    if (hopByHop.has(lower) || lower === 'server' || dropped?.has(lower)) continue
    flat.push(name, value)
  }
  flat.push('Server', serverName)
  if (status >= 500) flat.push('X-APISIX-Upstream-Status', String(status))
  return flat
}

/** Names that a Connection header declares hop-by-hop; the two usual values name none. */
function namedByConnection(value: string | undefined): ReadonlySet<string> | undefined {
  if (value === undefined || value === 'keep-alive' || value === 'close') return undefined
  return new Set(value.split(',').map((name) => name.trim().toLowerCase()))
}

/** The caller's address; a dual-stack socket writes IPv4 as part of IPv6. */
export function plainAddress(address: string | undefined): string {
  return address?.startsWith('::ffff:') ? address.slice(7) : (address ?? '')
}
