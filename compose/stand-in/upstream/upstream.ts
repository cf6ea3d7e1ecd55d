// An echo that remembers request ids: it tells each caller what arrived, and the harness which calls arrived twice.
import { createHash, type Hash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type SeenIds, seenIds } from './seen-ids.ts'

export interface UpstreamSettings {
  readonly address: string
  readonly echoPort: number
  readonly seenPort: number
  readonly rememberedIds: number
}

export interface RunningUpstream {
  readonly ports: { readonly echo: number; readonly seen: number }
  close(): void
}

/** Every id, and those alone of calls that must not be made twice. */
interface Seen {
  readonly all: SeenIds
  readonly once: SeenIds
}

/** RFC 9110 §9.2.2: a balancer may send these again. */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
const longestDelayMs = 30_000
/** Longer than any balancer or gateway keeps a connection, so that the upstream is never the side that closes an idle one. */
const keepAliveMs = 120_000

export async function startUpstream(settings: UpstreamSettings): Promise<RunningUpstream> {
  const seen = { all: seenIds(settings.rememberedIds), once: seenIds(settings.rememberedIds) }
  const options = { keepAliveTimeout: keepAliveMs, noDelay: true }
  const echoServer = createServer(options, (request, response) => void echo(request, response, seen))
  const seenServer = createServer(options, (request, response) => tell(request, response, seen))
  const servers = [echoServer, seenServer]
  const [echoPort = 0, seenPort = 0] = await Promise.all([
    listening(echoServer, settings.echoPort, settings.address),
    listening(seenServer, settings.seenPort, settings.address),
  ])
  return {
    ports: { echo: echoPort, seen: seenPort },
    close: () => servers.forEach((server) => void server.close().closeAllConnections()),
  }
}

function listening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, backlog: 511 }, () => resolve((server.address() as AddressInfo).port))
  })
}

/** A body is hashed as it streams by, so that size costs no memory. */
function echo(request: IncomingMessage, response: ServerResponse, seen: Seen): void {
  // Behind a balancer that does not look into calls, this is how callers know which gateway carried theirs.
  response.setHeader('X-Firedrill-Via', request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '')
  const requestId = request.headers['x-request-id']
  for (const ids of repeatable.has(request.method ?? '') ? [seen.all] : [seen.all, seen.once])
    if (typeof requestId === 'string') ids.note(requestId)
    else ids.noteNameless()
  let hash: Hash | undefined
  let bodyLength = 0
  request.on('data', (chunk: Buffer) => {
    hash ??= createHash('sha256')
    hash.update(chunk)
    bodyLength += chunk.length
  })
  request.on('end', () => {
    const { url: path = '/', method } = request
    const bodySha256 = hash?.digest('hex')
    const answer = { path, method, requestId: requestId ?? null, bodyLength, bodySha256 }
    const delayMs = delayOf(path)
    if (delayMs === 0) answerJson(response, answer)
    else setTimeout(() => answerJson(response, answer), delayMs)
  })
}

function tell({ url }: IncomingMessage, response: ServerResponse, seen: Seen): void {
  const known: Readonly<Record<string, () => object>> = {
    '/seen': seen.all.tally,
    '/seen/once': seen.once.tally,
    '/healthz': () => ({ status: 'ok' }),
  }
  const found = known[url ?? '']
  if (found === undefined) response.statusCode = 404
  answerJson(response, found?.() ?? { error_msg: 'ask for /seen, /seen/once or /healthz' })
}

/** `?delayMs=` holds the answer back, at most 30 s. */
function delayOf(path: string): number {
  const match = /[?&]delayMs=(\d+)/.exec(path)
  return match === null ? 0 : Math.min(longestDelayMs, Number(match[1]))
}

/** Ended in one piece, so Node states the Content-Length. */
function answerJson(response: ServerResponse, body: object): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(body))
}
