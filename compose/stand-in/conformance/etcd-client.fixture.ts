// A plain client of the etcd v3 JSON protocol: texts in, texts out, revisions counted from where a test began.
import type { Server } from './servers.fixture.ts'

/** JSON of any shape: tests say what they expect of it. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what the contract promises and fails where it is not there.
export type Json = any

export const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
export const plain = (text: string): string => Buffer.from(text, 'base64').toString('latin1')

/** An answer as the server gave it. */
export interface Answer {
  readonly status: number
  readonly body: Json
}

/** Sends a message without a Content-Type, as gateways do. */
export const post = async (
  { urls, token }: Pick<Server, 'urls' | 'token'>,
  path: string,
  message: unknown,
): Promise<Answer> => {
  const answer = await fetch(urls[0] + path, {
    method: 'POST',
    headers: token ? { authorization: token } : {},
    body: new TextEncoder().encode(typeof message === 'string' ? message : JSON.stringify(message)),
  })
  const text = await answer.text()
  try {
    return { status: answer.status, body: JSON.parse(text) }
  } catch {
    return { status: answer.status, body: text }
  }
}

/** The revision the server is at. */
export const revisionOf = async (server: Server): Promise<number> =>
  Number((await post(server, '/v3/kv/range', { key: base64('/apisix/nothing') })).body.header.revision)

const ENCODED = ['key', 'range_end', 'value']

/** The message with its keys and values in base64, below `prefix` where they begin with a tilde: '~/1'. */
export const encoded = (prefix: string, message: Json): Json =>
  walk(message, (name, value) =>
    ENCODED.includes(name) && typeof value === 'string' ? base64(value.replace(/^~/, prefix)) : value,
  )

/**
 * The answer to read: keys and values as text with '~' for `prefix`, revisions as '+n' from `base`, and without what
 * every server says in its own way (which cluster and member answered).
 */
export const readable = (prefix: string, base: number, answer: Json): Json =>
  walk(answer, (name, value) => {
    if (['cluster_id', 'member_id', 'raft_term'].includes(name)) return undefined
    if (name === 'keys') return value.map((key: string) => plain(key).replace(prefix, '~'))
    if (typeof value !== 'string') return value
    if (name === 'key' || name === 'value') return plain(value).replace(prefix, '~')
    if (name.endsWith('revision')) return `+${Number(value) - base}`
    return value
  })

const walk = (value: Json, change: (name: string, value: Json) => Json, name = ''): Json => {
  const changed = change(name, value)
  if (Array.isArray(changed) && name !== 'keys') return changed.map((each) => walk(each, change))
  if (typeof changed !== 'object' || changed === null || Array.isArray(changed)) return changed
  return Object.fromEntries(
    Object.entries(changed).flatMap(([member, inner]) => {
      const walked = walk(inner, change, member)
      return walked === undefined ? [] : [[member, walked]]
    }),
  )
}

/** A prefix of its own for each test, under what gateways may see. */
export const newPrefix = (): string => `/apisix/t${Math.random().toString(36).slice(2, 10)}`

/** A talk with a server about one prefix. */
export const talk = async (server: Server) => {
  const prefix = newPrefix()
  const base = await revisionOf(server)
  return {
    prefix,
    base,
    /** Says a message and gives back [status, readable answer]. */
    async say(path: string, message: Json): Promise<readonly [number, Json]> {
      const { status, body } = await post(server, path, encoded(prefix, message))
      return [status, readable(prefix, base, body)]
    },
    encoded: (message: Json): Json => encoded(prefix, message),
    readable: (answer: Json): Json => readable(prefix, base, answer),
  }
}
