// One request to one etcd member, and what can be known afterwards about whether etcd did what was asked.
import { type Dispatcher, Pool } from 'undici'

/** What etcd's JSON gateway answers, read member by member by whoever asked. */
export type Reply = Readonly<Record<string, unknown>>

/**
 * answered: etcd did it. rejected: etcd said no and did nothing. unsent: no connection came about, so nothing was
 * done. silent: it may have been done, or be done later.
 */
export type Attempt =
  | { readonly kind: 'answered'; readonly reply: Reply }
  | { readonly kind: 'rejected'; readonly status: number; readonly message: string }
  | { readonly kind: 'unsent'; readonly cause: unknown }
  | { readonly kind: 'silent'; readonly cause: unknown }

/** Something that makes attempts. Close it when the program ends. */
export interface Attempts {
  post(url: string, call: Call): Promise<Attempt>
  close(): Promise<void>
}

export interface Call {
  /** '/v3/kv/range' */
  readonly path: string
  readonly body: object
  readonly token?: string | undefined
  readonly limitMs: number
}

/** Attempts over kept-alive connections. */
export const attemptsOf = (urls: readonly string[]): Attempts => {
  const options = { connections: 32, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 60_000 }
  const pools = new Map(urls.map((url) => [url, new Pool(url, options)]))
  return {
    async post(url, call) {
      const pool = pools.get(url)
      if (!pool) throw new RangeError(`${url} is not one of the endpoints ${urls.join(', ')}.`)
      return await post(pool, call)
    },
    async close() {
      // Destroyed and not closed: a program that was told to stop does not wait for a member that hangs.
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

const post = async (pool: Pool, { path, body, token, limitMs }: Call): Promise<Attempt> => {
  try {
    const answer = await pool.request({
      method: 'POST',
      path,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(token ? { authorization: token } : {}) },
      signal: AbortSignal.timeout(limitMs),
    })
    return await read(answer)
  } catch (cause) {
    return { kind: isUnsent(cause) ? 'unsent' : 'silent', cause }
  }
}

const read = async ({ statusCode, body }: Dispatcher.ResponseData): Promise<Attempt> => {
  const reply = JSON.parse(await body.text()) as Reply
  if (statusCode < 300) return { kind: 'answered', reply }
  const message = String(reply.error ?? reply.message ?? `HTTP ${statusCode}`)
  // No leader, a change of leader, a timeout inside etcd, a member that stops: it may have been proposed before.
  if (statusCode >= 500 || statusCode === 408) return { kind: 'silent', cause: new Error(message) }
  return { kind: 'rejected', status: statusCode, message }
}

const NO_CONNECTION = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

const isUnsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && NO_CONNECTION.has(error.code)
