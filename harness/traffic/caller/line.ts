// One HTTP/2 connection, from its first packet to the last of its calls: each of them a stream of its own, sent once.
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { byWayOf } from './by-way-of.ts'
import type { CallRequest, CarriedCall } from './connections.ts'
import { REFUSED_STREAM } from './error-class.ts'
import type { LaneOrder } from './protocol.ts'
import { openSocket } from './socket.ts'

export interface Asked {
  readonly request: CallRequest
  readonly call: CarriedCall
}

/** HAProxy and nginx let so many streams be open at once. */
const MOST_STREAMS = 100

const MADE_WITHIN_MS = 100

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = http2.constants

// A class, because it is a connection that something happens to.
export class Line {
  readonly startedMs: number
  readonly #order: LaneOrder
  readonly #session: ClientHttp2Session
  readonly #fresh: (start: () => void) => void
  /** Calls that wait for it to be made; null once it is. */
  #waiting: Asked[] | null = []
  #open = 0
  /** It takes no more calls: it is going away, or a call on it ran into its deadline. */
  #isSpent = false
  /** What ended it, where something did. */
  #lost: Error | null = null

  /** `fresh` runs the start of its first call; `ended` is called when nothing more comes of it. */
  constructor(
    order: LaneOrder,
    address: string,
    world: { readonly nowMs: number; fresh(start: () => void): void; ended(line: Line): void },
  ) {
    this.#order = order
    this.startedMs = world.nowMs
    this.#fresh = world.fresh
    const { socket, ready } = openSocket(order, address)
    this.#session = http2.connect(order.url, {
      createConnection: () => ('encrypted' in socket ? byWayOf(socket) : socket),
    })
    const lose = (error: Error): void => {
      this.#lost ??= error
    }
    socket.once(ready, () => {
      if ('alpnProtocol' in socket && socket.alpnProtocol !== 'h2') this.end(notSpoken(socket.alpnProtocol))
    })
    socket.on('error', lose)
    this.#session.on('error', lose)
    this.#session.once('goaway', () => this.spend())
    // Node's 'connect' may come of a socket that was reset meanwhile, and nothing after it: the server's first word is waited for.
    this.#session.once('remoteSettings', () => this.#made())
    this.#session.once('close', () => {
      world.ended(this)
      for (const { call } of this.#noLongerWaiting()) call.onResponseError(null, this.#lost ?? closed())
    })
  }

  /** A call does not wait for one that should long have been made. */
  hasRoom(nowMs: number): boolean {
    const { closed: isClosing, destroyed } = this.#session
    if (this.#isSpent || isClosing || destroyed || (!this.isMade && nowMs - this.startedMs > MADE_WITHIN_MS))
      return false
    return this.#open + (this.#waiting?.length ?? 0) < MOST_STREAMS
  }

  get isMade(): boolean {
    return this.#waiting === null
  }

  carry(asked: Asked): void {
    if (this.#waiting) this.#waiting.push(asked)
    else this.#start(asked)
  }

  /** Takes no more calls. What is out on it may still be answered, and what waits for it is still sent. */
  spend(): void {
    this.#isSpent = true
    if (this.isMade && this.#open === 0 && !this.#session.destroyed) this.#session.close()
  }

  /** Ends it at once. */
  end(up?: Error): void {
    this.#session.destroy(up)
  }

  #noLongerWaiting(): readonly Asked[] {
    const waiting = this.#waiting ?? []
    this.#waiting = null
    return waiting
  }

  #made(): void {
    const [first, ...others] = this.#noLongerWaiting()
    if (first) this.#fresh(() => this.#start(first))
    for (const asked of others) this.#start(asked)
    if (this.#isSpent) this.spend()
  }

  #start({ request, call }: Asked): void {
    let stream: ClientHttp2Stream | null = null
    let isAborted = false
    call.onRequestStart({
      abort: () => {
        isAborted = true
        if (!stream) return
        this.spend()
        stream.close(NGHTTP2_CANCEL)
      },
    })
    if (isAborted) return
    try {
      stream = this.#session.request(headersOf(this.#order, request), { endStream: request.body === undefined })
    } catch (error) {
      // It went away since it was chosen.
      this.spend()
      call.onResponseError(null, error as Error)
      return
    }
    this.#open += 1
    this.#follow(stream, { request, call })
    if (request.body !== undefined) stream.end(request.body)
  }

  #follow(stream: ClientHttp2Stream, { request, call }: Asked): void {
    let cause: Error | null = null
    let isEnded = false
    // Node ends a stream that is reset without an error as one that ended well: only what was announced tells them apart.
    let owedBytes = Infinity
    // Its first bytes may be told before its head is.
    let gotBytes = 0
    stream.on('response', ({ ':status': status = 0, ...headers }) => {
      const hasBody = request.method !== 'HEAD' && status !== 304
      owedBytes = hasBody ? Number(headers['content-length'] ?? 0) : 0
      call.onResponseStart(null, status, headers)
    })
    stream.on('data', (chunk: Buffer) => {
      gotBytes += chunk.length
      call.onResponseData(null, chunk)
    })
    stream.once('end', () => {
      isEnded = true
    })
    stream.on('error', (error) => {
      cause = error
    })
    // Only here is it known whether the stream ended well: it may be reset after its last byte.
    stream.once('close', () => {
      this.#open -= 1
      if (this.#isSpent) this.spend()
      const { rstCode, aborted } = stream
      const isWhole = isEnded && gotBytes >= owedBytes
      if (isWhole && rstCode === NGHTTP2_NO_ERROR && !aborted) call.onResponseEnd()
      else if (rstCode === NGHTTP2_REFUSED_STREAM || !this.#session.destroyed)
        call.onResponseError(null, resetBy(rstCode))
      // A stream hears that its connection is gone a turn before the socket says why.
      else setImmediate(() => call.onResponseError(null, this.#lost ?? cause ?? closed()))
    })
  }
}

const headersOf = (order: LaneOrder, { path, method, headers }: CallRequest): Record<string, string> => {
  const { protocol, host } = new URL(order.url)
  const all: Record<string, string> = {
    ':method': method,
    ':path': path,
    ':scheme': protocol.slice(0, -1),
    ':authority': host,
  }
  for (let i = 0; i + 1 < headers.length; i += 2) all[String(headers[i]).toLowerCase()] = String(headers[i + 1])
  return all
}

const closed = (): Error => coded('ERR_STREAM_PREMATURE_CLOSE', 'the connection was closed')

const resetBy = (code: number): Error =>
  coded(
    code === NGHTTP2_REFUSED_STREAM ? REFUSED_STREAM : 'ERR_HTTP2_STREAM_ERROR',
    `the stream was reset with code ${code}`,
  )

const notSpoken = (chosen: unknown): Error => coded('EPROTO', `HTTP/2 was offered, and ${chosen || 'nothing'} chosen`)

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code })
