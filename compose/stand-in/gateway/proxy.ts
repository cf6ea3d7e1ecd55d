// The way of one call through the gateway: route, node, upstream's answer back to the caller, another node where that is safe.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { CallMetrics } from './call-metrics.ts'
import { requestHeaders, responseHeaders } from './forwarded-headers.ts'
import { hashText } from './hash-source.ts'
import { type Log, reasonOf } from './log.ts'
import { answerFailure, answerNotFound } from './own-answers.ts'
import { pacedBody, SendTimeout } from './paced-body.ts'
import type { Match } from './path-table.ts'
import { type ReadLimit, ReadTimeout, readLimit } from './read-limit.ts'
import { routedCall } from './routed-call.ts'
import type { Routing } from './routing.ts'
import type { ServedRoute } from './served-route.ts'
import type { Upstream, UpstreamNode } from './upstream.ts'
import { type Breakage, breakageOf } from './upstream-breakage.ts'

export type TrafficListener = (request: IncomingMessage, response: ServerResponse) => void

export interface ProxyParts {
  readonly routing: Routing
  readonly metrics: CallMetrics
  readonly log: Log
}

/** The listener of the traffic ports. It is the hot path, so it allocates little and logs only what went wrong. */
export function proxy({ routing, metrics, log }: ProxyParts): TrafficListener {
  return (request, response) => {
    const beganAt = performance.now()
    const { refusal, path, method, match } = routedCall(request, routing)
    const upstream = match?.target.upstream
    if (match === undefined || upstream === undefined) {
      const status = refusal ?? (match === undefined ? 404 : 503)
      metrics.note({ match, node: '', status, tookMs: performance.now() - beganAt, upstreamMs: undefined })
      if (status === 404) answerNotFound(response)
      else answerFailure(response, status)
      return
    }
    const { rewriteRequest: rewrite } = match.target
    const exchange: Exchange = {
      request,
      response,
      match,
      upstream,
      metrics,
      log,
      path: rewrite === undefined ? path : rewrite.path(path),
      method: rewrite?.method ?? method,
      hasBody: carriesBody(request),
      beganAt,
      tried: [],
      node: undefined,
      askedAt: undefined,
      answeredAt: undefined,
      spare: 1,
      retriesLeft: upstream.retries,
      abort: undefined,
    }
    response.once('close', () => finish(exchange))
    attempt(exchange)
  }
}

/** One call and how far it has come. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly match: Match<ServedRoute>
  readonly upstream: Upstream
  readonly metrics: CallMetrics
  readonly log: Log
  readonly path: string
  readonly method: string
  readonly hasBody: boolean
  readonly beganAt: number
  readonly tried: UpstreamNode[]
  /** The node of the try under way, or of the last one. */
  node: UpstreamNode | undefined
  /** When the first node was asked, and when the last one's answer was complete. */
  askedAt: number | undefined
  answeredAt: number | undefined
  /** nginx does not count the try that met a kept-alive connection the upstream had just closed. */
  spare: number
  retriesLeft: number
  /** Ends the try under way; undefined while it waits for a connection. */
  abort: ((reason: Error) => void) | undefined
}

function attempt(exchange: Exchange): void {
  const { upstream, request, response, hasBody } = exchange
  const node = upstream.next(exchange.tried, () => hashText(upstream, request))
  if (node === undefined) {
    answerFailure(response, exchange.tried.length > 0 ? 502 : 503)
    return
  }
  exchange.tried.push(node)
  exchange.node = node
  exchange.askedAt ??= performance.now()
  exchange.abort = undefined
  node.inFlight += 1
  const silence = readLimit(upstream.readTimeoutMs, () => exchange.abort?.(new ReadTimeout()))
  node.pool().dispatch(
    {
      path: exchange.path,
      method: exchange.method as Dispatcher.HttpMethod,
      headers: headersFor(exchange, node),
      body: hasBody ? bodyOf(exchange, silence) : null,
      headersTimeout: 0,
      bodyTimeout: 0,
    },
    answerInto(exchange, { node, silence }),
  )
}

function bodyOf(exchange: Exchange, silence: ReadLimit): Readable {
  const { request, response, upstream } = exchange
  const pace = {
    limitMs: upstream.sendTimeoutMs,
    onStall: () => exchange.abort?.(new SendTimeout()),
    onSent: () => {
      if (!response.headersSent) silence.begin()
    },
    isOver: () => response.writableEnded || response.destroyed,
  }
  return Readable.from(pacedBody(request, pace))
}

function headersFor({ request, upstream, match }: Exchange, node: UpstreamNode): string[] {
  const { rewriteRequest: rewrite } = match.target
  const headers = requestHeaders(request, upstream.hostFor(node) ?? rewrite?.host)
  rewrite?.headers?.(headers)
  return headers
}

/** Streams the upstream's answer to the caller; a caller who cannot keep up slows the upstream down. */
function answerInto(
  exchange: Exchange,
  { node, silence }: { readonly node: UpstreamNode; readonly silence: ReadLimit },
): Dispatcher.DispatchHandler {
  const { response, match, upstream, hasBody } = exchange
  return {
    onRequestStart(controller) {
      exchange.abort = (reason) => controller.abort(reason)
      if (response.destroyed) exchange.abort(new Error('the caller went away'))
      // While a body is on its way its own limit counts.
      if (!hasBody) silence.begin()
    },
    onResponseStart(controller, status, _headers, statusMessage) {
      silence.begin()
      if (status < 200) return
      upstream.health?.answered(node, status)
      const headers = responseHeaders((controller.rawHeaders ?? []) as Buffer[], status)
      match.target.rewrite?.(headers)
      response.writeHead(status, statusMessage ?? '', headers)
    },
    onResponseData(controller, chunk) {
      silence.begin()
      if (response.write(chunk)) return
      controller.pause()
      silence.end()
      response.once('drain', () => {
        silence.begin()
        controller.resume()
      })
    },
    onResponseEnd() {
      silence.end()
      node.inFlight -= 1
      exchange.answeredAt = performance.now()
      response.end()
    },
    onResponseError(_controller, error) {
      silence.end()
      node.inFlight -= 1
      recover(exchange, { error, node })
    },
  }
}

/** Tries another node, or answers the failure; an answer that has begun is cut, so that the caller sees that it is not whole. */
function recover(exchange: Exchange, { error, node }: { readonly error: Error; readonly node: UpstreamNode }): void {
  const { response, request, log, match, upstream } = exchange
  if (response.destroyed) return
  const breakage = breakageOf(error)
  upstream.health?.broke(node, breakage)
  const fields = {
    requestId: request.headers['x-request-id'],
    route: match.target.id,
    upstream: node.address,
    breakage,
  }
  log.warn({ ...fields, reason: reasonOf(error) }, 'upstream failed')
  if (response.headersSent) return void response.destroy()
  if (mayTryAgain(exchange, breakage)) attempt(exchange)
  else answerFailure(response, statusOf(breakage))
}

function mayTryAgain(exchange: Exchange, breakage: Breakage): boolean {
  const { method, hasBody, request, upstream } = exchange
  const nothingSent = breakage === 'not-connected' || breakage === 'connect-timeout'
  const isSafe = nothingSent ? !request.readableDidRead : !hasBody && isIdempotent(method)
  if (!isSafe || breakage === 'bad-request') return false
  if (breakage === 'closed' && exchange.spare > 0) {
    exchange.spare -= 1
    exchange.tried.pop()
    return true
  }
  const { retryTimeoutMs } = upstream
  if (retryTimeoutMs > 0 && performance.now() - (exchange.askedAt ?? 0) >= retryTimeoutMs) return false
  exchange.retriesLeft -= 1
  return exchange.retriesLeft >= 0
}

/** The answer is complete, or will never be. */
function finish({ request, response, metrics, match, node, abort, beganAt, askedAt, answeredAt }: Exchange): void {
  const isComplete = response.writableFinished
  if (!isComplete) abort?.(new Error('the caller went away'))
  // What is left of a body that nobody wants any more is read away, or the next call on this connection would wait behind it.
  if (!request.complete) request.resume()
  const endedAt = performance.now()
  metrics.note({
    match,
    node: node?.host ?? '',
    // nginx writes 499 for a caller who left before the answer was complete.
    status: isComplete ? response.statusCode : 499,
    tookMs: endedAt - beganAt,
    upstreamMs: askedAt === undefined ? undefined : (answeredAt ?? endedAt) - askedAt,
  })
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
