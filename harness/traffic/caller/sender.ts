// The thread that sends: nothing else runs here, so nothing else can make a call late.
import { lookup } from 'node:dns/promises'
import { parentPort } from 'node:worker_threads'
import { monotonicMs } from '../../time/clock.ts'
import { createLane, type SendingLane } from './lane.ts'
import type { LaneOrder } from './protocol.ts'
import { createPulse, type Stall } from './pulse.ts'
import { startTicker } from './ticker.ts'
import { warmUp } from './warm-up.ts'

/** What the control thread asks of this one. */
export type ToSender =
  | { readonly id: number; readonly order: 'open'; readonly lane: LaneOrder }
  | { readonly id: number; readonly order: 'ramp'; readonly lane: string; readonly to: number; readonly overMs: number }
  | { readonly id: number; readonly order: 'close'; readonly lane: string }

/** What it hears. A lane's rows always come before the reply that closes it. */
export type FromSender =
  | { readonly kind: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly because: string }
  | { readonly kind: 'rows'; readonly lane: number; readonly records: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'stalls'; readonly stalls: readonly Stall[] }

const FLUSH_MS = 50
// Call 0 is not due at once, so that the first calls are no later than the rest.
const LEAD_MS = 20

const port = parentPort
if (!port) throw new Error('sender.ts is a worker thread; start main.ts instead.')

const lanes = new Map<string, { readonly number: number; readonly lane: SendingLane }>()
const pulse = createPulse()
let opened = 0
let flushedMs = 0
let isExpiring = false
let isWarm = false

const post = (message: FromSender): void => {
  if (message.kind === 'rows') port.postMessage(message, [message.records.buffer])
  else port.postMessage(message)
}

const flush = (nowMs: number): void => {
  flushedMs = nowMs
  for (const { number, lane } of lanes.values()) {
    const records = lane.rows()
    if (records) post({ kind: 'rows', lane: number, records })
  }
  const stalls = pulse.take()
  if (stalls.length > 0) post({ kind: 'stalls', stalls })
}

const expire = (): void => {
  isExpiring = false
  const nowMs = monotonicMs()
  for (const { lane } of lanes.values()) lane.expire(nowMs)
}

/** One turn; gives back when the next call is due. */
const tick = (): number => {
  if (!isWarm) return Number.POSITIVE_INFINITY
  const nowMs = monotonicMs()
  pulse.beat(nowMs)
  let hasExpired = false
  let nextMs = Number.POSITIVE_INFINITY
  for (const { lane } of lanes.values()) {
    nextMs = Math.min(nextMs, lane.send(nowMs))
    hasExpired ||= lane.hasExpired(nowMs)
  }
  const isFlushDue = nowMs - flushedMs >= FLUSH_MS
  // After the sockets were read, so that an answer which lay there while we slept still counts.
  if ((hasExpired || isFlushDue) && !isExpiring) {
    isExpiring = true
    setImmediate(expire)
  }
  if (isFlushDue) flush(nowMs)
  return nextMs
}

// Cold code stands still for tens of ms at a time; nobody is called yet, so it is nobody's stall.
const warm = Promise.all([startTicker(tick), warmUp()]).then(() => {
  isWarm = true
})

const open = async (order: LaneOrder): Promise<unknown> => {
  await warm
  if (lanes.has(order.lane)) throw new Error(`lane ${order.lane} is open already`)
  const { hostname } = new URL(order.url)
  const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''), { order: 'ipv4first' })
  const number = opened
  opened += 1
  // Lanes of one rate have their intervals in common: in each of them chance alone says which lane calls first.
  const t0 = Math.ceil(((monotonicMs() + LEAD_MS) * order.rate) / 1000) * (1000 / order.rate)
  lanes.set(order.lane, { number, lane: createLane(order, { t0, address, now: monotonicMs, pulse }) })
  return { number, t0 }
}

const openLane = (name: string) => {
  const open = lanes.get(name)
  if (open) return open
  throw new Error(`lane ${name} is not open`)
}

const close = async (name: string): Promise<unknown> => {
  const closed = await openLane(name).lane.close(monotonicMs())
  flush(monotonicMs())
  lanes.delete(name)
  return closed
}

const obey = async (message: ToSender): Promise<unknown> => {
  switch (message.order) {
    case 'open':
      return open(message.lane)
    case 'ramp':
      return { ramp: openLane(message.lane).lane.ramp(monotonicMs(), message) }
    case 'close':
      return close(message.lane)
  }
}

port.on('message', (message: ToSender) => {
  obey(message).then(
    (value) => post({ kind: 'reply', id: message.id, value }),
    (error: Error) => post({ kind: 'refusal', id: message.id, because: error.message }),
  )
})
