// What each call of a lane sends, and what it expects: one request for all of them, or a mix in which the lane's seed chooses.
import { createHash } from 'node:crypto'
import { isRepeatable } from '../../history/call.ts'
import { callMix } from '../../history/mix.ts'
import type { CallRequest } from './connections.ts'
import type { LaneOrder, RequestOrder, StatusRange } from './protocol.ts'

/** One kind of request. */
export interface LaneRequest {
  /** What the connection is given for call i, with its own X-Request-Id. */
  options(index: number): CallRequest
  /** Whether a final status is as expected. */
  accepts(status: number): boolean
  /** What the answer's body must hold; nothing where any body will do. */
  holds(index: number): readonly string[]
  /** RFC 9110 §9.2.2: sending it twice does no more than sending it once. */
  readonly isRepeatable: boolean
}

/** Which request call i is. */
export const requestsOf = (order: LaneOrder): ((index: number) => LaneRequest) => {
  const asked = order.requests ?? [onlyRequest(order)]
  const requests = asked.map((each) => requestOf(order, each))
  const routeOf = callMix(
    asked.map(({ weight }) => weight),
    order.seed,
  )
  const [first] = requests
  if (!first) throw new RangeError(`Lane ${order.lane} has a mix of no requests: expected at least one.`)
  return (index) => requests[routeOf(index)] ?? first
}

const onlyRequest = (order: LaneOrder): RequestOrder => {
  const { pathname, search } = new URL(order.url)
  return {
    method: order.method,
    path: `${pathname}${search}`,
    headers: order.headers,
    ...(order.body === undefined ? {} : { body: order.body }),
    expectStatuses: [order.expectStatus],
    expectEcho: order.expectEcho,
    ...(order.expectBody === undefined ? {} : { expectBody: order.expectBody }),
    weight: 1,
  }
}

const requestOf = (order: LaneOrder, asked: RequestOrder): LaneRequest => {
  const { method, path, body } = asked
  const fixed = Object.entries(asked.headers).flat()
  const accepted = acceptedBy(asked.expectStatuses)
  return {
    options: (index) => ({
      path,
      method,
      headers: [...fixed, 'x-request-id', `${order.requestIdPrefix}${index}`],
      ...(body === undefined ? {} : { body }),
      ...(order.connections === 'new' ? { reset: true } : {}),
    }),
    accepts: (status) => accepted[status] === 1,
    holds: holdsOf(order, asked),
    isRepeatable: isRepeatable(method),
  }
}

/** The call's own id, and the hash of the body where it has one: what an answer to somebody else, or to half of it, does not hold. */
const holdsOf = (
  { requestIdPrefix }: LaneOrder,
  { expectEcho, expectBody, body }: RequestOrder,
): ((index: number) => readonly string[]) => {
  if (!expectEcho) return () => (expectBody === undefined ? [] : [expectBody])
  const ofBody = body === undefined ? [] : [`"bodySha256":"${createHash('sha256').update(body).digest('hex')}"`]
  return (index) => [`"requestId":"${requestIdPrefix}${index}"`, ...ofBody]
}

/** 1 for every status that is as expected. */
const acceptedBy = (statuses: readonly (number | StatusRange)[]): Uint8Array => {
  const accepted = new Uint8Array(600)
  for (const status of statuses) {
    if (typeof status === 'number') accepted[status] = 1
    else accepted.fill(1, Number(status[0]) * 100, Number(status[0]) * 100 + 100)
  }
  return accepted
}
