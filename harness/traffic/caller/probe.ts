// Single tries from inside the deployment's network: one HTTP exchange, one TCP connection, or one question for a name.
import { Resolver } from 'node:dns/promises'
import net from 'node:net'
import { Client } from 'undici'
import { monotonicMs } from '../../time/clock.ts'
import {
  type ConnectAnswer,
  type ConnectOrder,
  type ConnectOutcome,
  type GetAnswer,
  type GetOrder,
  MOST_BODY_BYTES,
  type ResolveAnswer,
  type ResolveOrder,
} from './protocol.ts'

/** One exchange on a connection of its own; redirects are not followed. Never rejects: what went wrong is in the answer. */
export const get = async (order: GetOrder): Promise<GetAnswer> => {
  const from = monotonicMs()
  const signal = AbortSignal.timeout(order.timeoutMs)
  try {
    return { ok: true, ...(await exchange(order, signal)), from, to: monotonicMs() }
  } catch (cause) {
    const said = signal.aborted ? `no whole answer within ${order.timeoutMs} ms` : sayError(cause)
    return { ok: false, status: 0, headers: {}, body: '', from, to: monotonicMs(), error: said }
  }
}

const exchange = async (
  order: GetOrder,
  signal: AbortSignal,
): Promise<Pick<GetAnswer, 'status' | 'headers' | 'body' | 'isCut'>> => {
  const { origin, pathname, search } = new URL(order.url)
  const client = new Client(origin, {
    connect: {
      timeout: 0,
      rejectUnauthorized: false,
      ...(order.cert !== undefined && order.key !== undefined && { cert: order.cert, key: order.key }),
    },
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  // While it connects the client does not listen to the signal: where nobody answers, that would last for minutes.
  signal.addEventListener('abort', () => void client.destroy(), { once: true })
  try {
    const { statusCode, headers, body } = await client.request({
      path: `${pathname}${search}`,
      method: order.method as 'GET',
      headers: { ...order.headers },
      body: order.body ?? null,
      signal,
    })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      // Read to the end all the same: only then is the answer known to be whole.
      if (bytes < MOST_BODY_BYTES) chunks.push(chunk)
      bytes += chunk.length
    }
    return {
      status: statusCode,
      headers: flat(headers),
      body: Buffer.concat(chunks).subarray(0, MOST_BODY_BYTES).toString(),
      ...(bytes > MOST_BODY_BYTES && { isCut: true }),
    }
  } finally {
    void client.destroy()
  }
}

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )

const sayError = (cause: unknown): string => {
  const { code, message } = cause as { code?: string; message?: string }
  return [code, message].filter(Boolean).join(': ') || String(cause)
}

/** One TCP connection, closed at once. */
export const connect = ({ host, port, timeoutMs }: ConnectOrder): Promise<ConnectAnswer> => {
  const from = monotonicMs()
  return new Promise((resolve) => {
    const socket = net.connect({ host, port })
    const end = (outcome: ConnectOutcome): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ outcome, from, to: monotonicMs() })
    }
    const timer = setTimeout(() => end('timed-out'), timeoutMs)
    socket.once('connect', () => end('connected'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(OUTCOME[error.code ?? ''] ?? 'unreachable'))
  })
}

const OUTCOME: Readonly<Record<string, ConnectOutcome>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  ETIMEDOUT: 'timed-out',
}

/** Asks the name server itself: no cache, no list of search domains, IPv4 alone. Never rejects. */
export const resolve = async ({ name, timeoutMs }: ResolveOrder): Promise<ResolveAnswer> => {
  const from = monotonicMs()
  const addresses = await new Resolver({ timeout: timeoutMs, tries: 1 }).resolve4(name).catch(() => [])
  return { addresses: addresses.toSorted(), from, to: monotonicMs() }
}
