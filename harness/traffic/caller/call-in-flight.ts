// One call on its way: takes what the connection says and ends exactly once.
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { type ErrorClass, NO_NODE } from '../../history/call.ts'
import type { CarriedCall } from './connections.ts'
import { createSearch, type Search } from './echo-search.ts'
import { classOfError, classOfStatus, isCut, isRefusedStream } from './error-class.ts'
import type { LaneOrder } from './protocol.ts'
import type { LaneRequest } from './requests.ts'

type Aborting = Pick<Dispatcher.DispatchController, 'abort'>

/** What a call has to ask its lane, and to tell it. */
export interface CallsLane {
  readonly order: LaneOrder
  /** What call i sends, and what it expects. */
  requestOf(index: number): LaneRequest
  /** Whether the connection that now takes a request was just made. */
  isFresh(): boolean
  /** Whether the connection that an answer now ends with broke. */
  isBreaking(): boolean
  ended(call: CallInFlight, errorClass: ErrorClass): void
  now(): number
  /** Once more, on a connection made for it alone. */
  sendAgain(call: CallInFlight): void
}

// A farewell that crossed the call on its way is read within a round trip and a busy loop's turns; what is cut later was in the
// server's hands.
const CROSSING_MS = 20

// A class, because the connection needs an object with these methods for each of thousands of calls a second.
export class CallInFlight implements CarriedCall {
  readonly index: number
  /** When it was scheduled, and when it was handed to the connection. */
  readonly dueMs: number
  readonly sentMs: number
  readonly request: LaneRequest
  status = 0
  node = NO_NODE
  /** Its bytes went out. */
  isSent = false
  isOnNewConnection = false
  isSentAgain = false
  isEnded = false
  #startedMs = 0
  readonly #lane: CallsLane
  readonly #echoes: readonly Search[]
  #controller: Aborting | null = null

  constructor(lane: CallsLane, index: number, dueMs: number, sentMs: number) {
    this.#lane = lane
    this.index = index
    this.dueMs = dueMs
    this.sentMs = sentMs
    this.request = lane.requestOf(index)
    this.#echoes = this.request.holds(index).map(createSearch)
  }

  onRequestStart(controller: Aborting): void {
    // Its deadline passed while it waited for a connection: nothing of it may go out now.
    if (this.isEnded) {
      controller.abort(new Error('ended before it was sent'))
      return
    }
    this.#controller = controller
    this.isSent = true
    this.#startedMs = this.#lane.now()
    this.isOnNewConnection = this.#lane.isFresh()
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    // 1xx only announces an answer.
    if (status < 200) return
    this.status = status
    this.node = this.#nodeFrom(headers)
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    for (const echo of this.#echoes) echo.feed(chunk)
  }

  onResponseEnd(): void {
    if (!this.request.accepts(this.status)) this.#end(classOfStatus(this.status))
    // A body that ends with its connection is held for whole where that is reset.
    else if (this.#lane.isBreaking()) this.#end('truncated')
    else this.#end(this.#echoes.every((echo) => echo.found()) ? 'none' : 'mismatch')
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#wasNotTaken(error)) this.#goAgain()
    else if (this.status === 0) this.#end(classOfError(error))
    else this.#end(this.request.accepts(this.status) ? 'truncated' : classOfStatus(this.status))
  }

  /** Its deadline passed. */
  expire(): void {
    this.#end('deadline')
    this.#controller?.abort(new Error('its deadline passed'))
  }

  /**
   * Whether it is one that every client sends once more, so that losing it says nothing of the deployment: a connection that had served
   * before was closed as idle while the call was on its way to it (RFC 9112 §9.3.1), which only a repeatable one survives; or the server
   * said by HTTP/2's own word that it did nothing with it (RFC 9113 §8.7), which any call does.
   */
  #wasNotTaken(error: Error): boolean {
    if (this.isEnded || this.isSentAgain || !this.isSent || this.status !== 0) return false
    if (isRefusedStream(error)) return true
    const lasted = this.#lane.now() - this.#startedMs
    return this.request.isRepeatable && !this.isOnNewConnection && isCut(error) && lasted <= CROSSING_MS
  }

  #goAgain(): void {
    this.isSentAgain = true
    this.isSent = false
    this.#controller = null
    this.#lane.sendAgain(this)
  }

  /** The first header that names somebody we know. */
  #nodeFrom(headers: IncomingHttpHeaders): number {
    const { nodeHeaders, knownAs } = this.#lane.order
    for (const header of nodeHeaders) {
      const node = knownAs[String(headers[header])]
      if (node !== undefined && node < NO_NODE) return node
    }
    return NO_NODE
  }

  #end(errorClass: ErrorClass): void {
    if (this.isEnded) return
    this.isEnded = true
    this.#lane.ended(this, errorClass)
  }
}
