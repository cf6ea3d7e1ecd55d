// The way of one call through the gateway: route, node, upstream's answer back to the caller, another node where that is safe.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { requestHeaders, responseHeaders } from './forwarded-headers.ts'
import { type Log, reasonOf } from './log.ts'
import { answerFailure, answerNotFound } from './own-answers.ts'
import { pacedBody, SendTimeout } from './paced-body.ts'
import type { Routing, ServedRoute } from './routing.ts'
import type { Upstream, UpstreamNode } from './upstream.ts'
import { type Breakage, breakageOf } from './upstream-breakage.ts'

export type TrafficListener = (request: IncomingMessage, response: ServerResponse) => void

/** The listener of the traffic port. It is the hot path, so it allocates little and logs only what went wrong. */
export function proxy({ routing, log }: { readonly routing: Routing; readonly log: Log }): TrafficListener {
  return (request, response) => {
    const path = originForm(request.url ?? '/')
    const method = request.method ?? 'GET'
    const route = routing.find({ path: pathOf(path), host: request.headers.host ?? '', method })
    if (route === undefined) return answerNotFound(response)
    if (route.upstream === undefined) return answerFailure(response, 503)
    const call = {
      request,
      response,
      route,
      upstream: route.upstream,
      log,
      path,
      method,
      hasBody: carriesBody(request),
    }
    const exchange: Exchange = { ...call, tried: [], spare: 1, retriesLeft: route.upstream.retries, abort: undefined }
    response.once('close', () => {
      if (!response.writableFinished) exchange.abort?.(new Error('the caller went away'))
    })
    attempt(exchange)
  }
}

/** One call and how far it has come. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly route: ServedRoute
  readonly upstream: Upstream
  readonly log: Log
  readonly path: string
  readonly method: string
  readonly hasBody: boolean
  readonly tried: UpstreamNode[]
  /** nginx does not count the try that met a kept-alive connection the upstream had just closed. */
  spare: number
  retriesLeft: number
  /** Ends the try under way; undefined while it waits for a connection. */
  abort: ((reason: Error) => void) | undefined
}

function attempt(exchange: Exchange): void {
  const { upstream, request, response, path, method, hasBody } = exchange
  const node = upstream.next(exchange.tried)
  if (node === undefined) {
    answerFailure(response, exchange.tried.length > 0 ? 502 : 503)
    return
  }
  exchange.tried.push(node)
  exchange.abort = undefined
  const onStall = (): void => exchange.abort?.(new SendTimeout())
  const body = hasBody ? Readable.from(pacedBody(request, { limitMs: upstream.sendTimeoutMs, onStall })) : null
  node.pool.dispatch(
    {
      path,
      method: method as Dispatcher.HttpMethod,
      headers: requestHeaders(request, upstream.hostFor(node)),
      body,
      headersTimeout: upstream.readTimeoutMs,
      bodyTimeout: upstream.readTimeoutMs,
    },
    answerInto(exchange, node),
  )
}

/** Streams the upstream's answer to the caller; a caller who cannot keep up slows the upstream down. */
function answerInto(exchange: Exchange, node: UpstreamNode): Dispatcher.DispatchHandler {
  const { response, route } = exchange
  return {
    onRequestStart(controller) {
      exchange.abort = (reason) => controller.abort(reason)
      if (response.destroyed) exchange.abort(new Error('the caller went away'))
    },
    onResponseStart(controller, status, _headers, statusMessage) {
      if (status < 200) return
      const headers = responseHeaders((controller.rawHeaders ?? []) as Buffer[], status)
      route.rewrite?.(headers)
      response.writeHead(status, statusMessage ?? '', headers)
    },
    onResponseData(controller, chunk) {
      if (response.write(chunk)) return
      controller.pause()
      response.once('drain', () => controller.resume())
    },
    onResponseEnd() {
      response.end()
    },
    onResponseError(_controller, error) {
      recover(exchange, { error, node })
    },
  }
}

/** Tries another node, or answers the failure; an answer that has begun is cut, so that the caller sees that it is not whole. */
function recover(exchange: Exchange, { error, node }: { readonly error: Error; readonly node: UpstreamNode }): void {
  const { response, request, log, route } = exchange
  if (response.destroyed) return
  const breakage = breakageOf(error)
  const requestId = request.headers['x-request-id']
  log.warn({ requestId, route: route.id, upstream: node.address, breakage, reason: reasonOf(error) }, 'upstream failed')
  if (response.headersSent) return void response.destroy()
  if (mayTryAgain(exchange, breakage)) attempt(exchange)
  else answerFailure(response, statusOf(breakage))
}

function mayTryAgain(exchange: Exchange, breakage: Breakage): boolean {
  const { method, hasBody, request } = exchange
  const nothingSent = breakage === 'not-connected' || breakage === 'connect-timeout'
  const isSafe = nothingSent ? !request.readableDidRead : !hasBody && isIdempotent(method)
  if (!isSafe || breakage === 'bad-request') return false
  if (breakage === 'closed' && exchange.spare > 0) {
    exchange.spare -= 1
    exchange.tried.pop()
    return true
  }
  exchange.retriesLeft -= 1
  return exchange.retriesLeft >= 0
}

function statusOf(breakage: Breakage): number {
  if (breakage === 'bad-request') return 400
  return breakage === 'connect-timeout' || breakage === 'timeout' ? 504 : 502
}

/** nginx passes POST, LOCK and PATCH to another node only when nothing was sent. */
function isIdempotent(method: string): boolean {
  return method !== 'POST' && method !== 'PATCH' && method !== 'LOCK'
}

function carriesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** A request line may carry a whole URL (RFC 9112 §3.2.2); the upstream gets the path. */
function originForm(url: string): string {
  if (url.startsWith('/')) return url
  const { pathname, search } = URL.canParse(url) ? new URL(url) : { pathname: '/', search: '' }
  return pathname + search
}

function pathOf(url: string): string {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  if (!path.includes('%')) return path
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
