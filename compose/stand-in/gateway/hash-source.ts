// The text of a call that consistent hashing goes by.
import type { IncomingMessage } from 'node:http'
import { plainAddress } from './forwarded-headers.ts'
import type { Upstream } from './upstream.ts'

/** What `hash_on` and `key` name; the caller's address where that is empty, as in APISIX. */
export function hashText({ hashOn: { source, key } }: Upstream, request: IncomingMessage): string {
  return (source === 'vars' ? variable(key, request) : fromHeaders(source, key, request)) || addressOf(request)
}

function fromHeaders(source: string, key: string, { headers }: IncomingMessage): string {
  if (source === 'header') return String(headers[key.toLowerCase()] ?? '')
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${key}=`))?.slice(key.length + 1) ?? ''
}

function variable(name: string, request: IncomingMessage): string {
  const url = request.url ?? '/'
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''
  if (name.startsWith('arg_')) return new URLSearchParams(query).get(name.slice(4)) ?? ''
  const known: Readonly<Record<string, string | undefined>> = {
    uri: url.split('?')[0],
    request_uri: url,
    query_string: query,
    host: request.headers.host,
    remote_port: String(request.socket.remotePort),
  }
  return known[name] ?? ''
}

function addressOf({ socket }: IncomingMessage): string {
  return plainAddress(socket.remoteAddress)
}
