// One call on its way: takes what the connection says and ends exactly once.
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { type ErrorClass, NO_NODE } from '../../history/call.ts'
import { createSearch, type Search } from './echo-search.ts'
import { classOfError, classOfStatus } from './error-class.ts'
import type { LaneOrder } from './protocol.ts'

/** What a call has to ask its lane, and to tell it. */
export interface CallsLane {
  readonly order: LaneOrder
  /** Whether the connection that now takes a request was just made. */
  isFresh(): boolean
  ended(call: CallInFlight, errorClass: ErrorClass): void
}

// A class, because the connection needs an object with these methods for each of thousands of calls a second.
export class CallInFlight implements Dispatcher.DispatchHandler {
  readonly index: number
  /** When it was scheduled, and when it was handed to the connection. */
  readonly dueMs: number
  readonly sentMs: number
  status = 0
  node = NO_NODE
  /** Its bytes went out. */
  isSent = false
  isOnNewConnection = false
  isEnded = false
  readonly #lane: CallsLane
  readonly #echo: Search | null
  #controller: Dispatcher.DispatchController | null = null

  constructor(lane: CallsLane, index: number, dueMs: number, sentMs: number) {
    this.#lane = lane
    this.index = index
    this.dueMs = dueMs
    this.sentMs = sentMs
    const { expectEcho, requestIdPrefix } = lane.order
    this.#echo = expectEcho ? createSearch(`"requestId":"${requestIdPrefix}${index}"`) : null
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Its deadline passed while it waited for a connection: nothing of it may go out now.
    if (this.isEnded) {
      controller.abort(new Error('ended before it was sent'))
      return
    }
    this.#controller = controller
    this.isSent = true
    this.isOnNewConnection = this.#lane.isFresh()
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 1xx only announces an answer.
    if (status < 200) return
    this.status = status
    this.node = this.#nodeFrom(headers)
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#echo?.feed(chunk)
  }

  onResponseEnd(): void {
    if (this.status !== this.#lane.order.expectStatus) this.#end(classOfStatus(this.status))
    else this.#end(this.#echo === null || this.#echo.found() ? 'none' : 'mismatch')
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.status === 0) this.#end(classOfError(error))
    else this.#end(this.status === this.#lane.order.expectStatus ? 'truncated' : classOfStatus(this.status))
  }

  /** Its deadline passed. */
  expire(): void {
    this.#end('deadline')
    this.#controller?.abort(new Error('its deadline passed'))
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
