// Calls that turn into another protocol, like WebSocket: passed through where the route allows it (enable_websocket).
import { type IncomingMessage, request as requestHttp, ServerResponse } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Socket } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import { requestHeaders, responseHeaders } from './forwarded-headers.ts'
import { hashText } from './hash-source.ts'
import { reasonOf } from './log.ts'
import { answerFailure } from './own-answers.ts'
import type { ProxyParts } from './proxy.ts'
import { ReadTimeout } from './read-limit.ts'
import { type RoutedCall, routedCall } from './routed-call.ts'
import type { ServedRoute } from './served-route.ts'
import type { Upstream, UpstreamNode } from './upstream.ts'
import { breakageOf } from './upstream-breakage.ts'

export interface Upgrades {
  /** Whether the call may turn; one that may not is answered as if it had not asked, as nginx does. */
  takes(request: IncomingMessage): boolean
  pass(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

export function passUpgrades(parts: ProxyParts): Upgrades {
  return {
    takes: (request) => {
      const { match } = routedCall(request, parts.routing)
      return match?.target.mayUpgrade === true && match.target.upstream !== undefined
    },
    pass(request, socket, head) {
      const call = routedCall(request, parts.routing)
      const upstream = call.match?.target.upstream
      if (call.match === undefined || upstream === undefined) return void socket.destroy()
      // Until the upstream has agreed, errors of the caller's connection have no other reader.
      socket.on('error', () => socket.destroy())
      tryNode({ ...parts, call, route: call.match.target, upstream, request, socket, head, tried: [] })
    },
  }
}

interface Turning extends ProxyParts {
  readonly call: RoutedCall
  readonly route: ServedRoute
  readonly upstream: Upstream
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly tried: UpstreamNode[]
}

/** Asks the next node; `status` is the answer when there is none left. */
function tryNode(turning: Turning, status = 502): void {
  const { upstream, request, tried, socket } = turning
  const node = upstream.next(tried, () => hashText(upstream, request))
  if (node === undefined) return void answerPlain(turning, (response) => answerFailure(response, status))
  tried.push(node)
  const asked = askOrTell(turning, node)
  if (asked === undefined) return void answerPlain(turning, (response) => answerFailure(response, 400))
  let isAnswered = false
  const onGone = (): void => void asked.destroy()
  socket.once('close', onGone)
  asked.on('upgrade', (answer, upstreamSocket, upstreamHead) => join(turning, { answer, upstreamSocket, upstreamHead }))
  asked.on('response', (answer) => {
    isAnswered = true
    relay(turning, { answer, node })
  })
  asked.on('timeout', () => void asked.destroy(new ReadTimeout()))
  asked.on('error', (error) => {
    socket.off('close', onGone)
    if (socket.destroyed) return
    tell(turning, node, error)
    // An answer that breaks off is cut by whoever relays it; no other node can put it right.
    if (!isAnswered) tryNode(turning, breakageOf(error) === 'timeout' ? 504 : 502)
  })
  asked.end()
}

function tell({ log, route }: Turning, node: UpstreamNode, error: unknown): void {
  log.warn({ route: route.id, upstream: node.address, reason: reasonOf(error) }, 'upstream failed')
}

/** Undefined when Node refuses the request as it is written: a path or a header, the caller's or the route's, that is none. */
function askOrTell(turning: Turning, node: UpstreamNode): ReturnType<typeof ask> | undefined {
  try {
    return ask(turning, node)
  } catch (error) {
    tell(turning, node, error)
    return undefined
  }
}

function ask({ call, route, upstream, request }: Turning, node: UpstreamNode): ReturnType<typeof requestHttp> {
  const { rewriteRequest: rewrite } = route
  const headers = requestHeaders(request, upstream.hostFor(node) ?? rewrite?.host)
  rewrite?.headers?.(headers)
  headers.push('Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? 'websocket')
  const { host, port } = node
  const path = rewrite === undefined ? call.path : rewrite.path(call.path)
  const asking = upstream.scheme === 'https' ? requestHttps : requestHttp
  const timeout = upstream.readTimeoutMs
  return asking({ host, port, path, method: call.method, headers, agent: false, rejectUnauthorized: false, timeout })
}

interface Joined {
  readonly answer: IncomingMessage
  readonly upstreamSocket: Socket
  readonly upstreamHead: Buffer
}

/** From here on bytes go both ways, and either side's end is the other's. */
function join({ socket, head, metrics, call }: Turning, { answer, upstreamSocket, upstreamHead }: Joined): void {
  const beganAt = performance.now()
  const lines = [`HTTP/1.1 101 ${answer.statusMessage ?? 'Switching Protocols'}`, 'Connection: Upgrade']
  lines.push(...namesOf(answer))
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(upstreamHead)
  upstreamSocket.write(head)
  upstreamSocket.setTimeout(0)
  upstreamSocket.on('error', () => socket.destroy())
  socket.on('error', () => upstreamSocket.destroy())
  socket.once('close', () => {
    upstreamSocket.destroy()
    const tookMs = performance.now() - beganAt
    metrics.note({
      match: call.match,
      node: upstreamSocket.remoteAddress ?? '',
      status: 101,
      tookMs,
      upstreamMs: tookMs,
    })
  })
  upstreamSocket.once('close', () => socket.destroy())
  socket.pipe(upstreamSocket).pipe(socket)
}

function namesOf({ rawHeaders, headers }: IncomingMessage): readonly string[] {
  const flat = responseHeaders(rawHeaders, 101)
  const lines = flat.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${flat[index + 1]}`] : []))
  return [`Upgrade: ${headers.upgrade ?? 'websocket'}`, ...lines]
}

interface Relayed {
  readonly answer: IncomingMessage
  readonly node: UpstreamNode
}

/** The upstream did not turn: its answer goes to the caller as any other. */
function relay(turning: Turning, { answer, node }: Relayed): void {
  answerPlain(turning, (response) => {
    const status = answer.statusCode ?? 502
    const headers = responseHeaders(answer.rawHeaders, status)
    turning.route.rewrite?.(headers)
    try {
      response.writeHead(status, answer.statusMessage ?? '', headers)
    } catch (error) {
      // A header that response-rewrite set and HTTP does not know.
      tell(turning, node, error)
      answer.destroy()
      return answerFailure(response, 502)
    }
    // Ends both when either breaks off, so that the caller sees that the answer is not whole.
    pipeline(answer, response, () => undefined)
  })
}

/** Node gave the bare connection away; an ordinary answer is put on it again, and ends it. */
function answerPlain({ request, socket, metrics, call }: Turning, answer: (response: ServerResponse) => void): void {
  const beganAt = performance.now()
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  response.once('finish', () => {
    const tookMs = performance.now() - beganAt
    metrics.note({ match: call.match, node: '', status: response.statusCode, tookMs, upstreamMs: undefined })
    socket.end()
  })
  answer(response)
}
