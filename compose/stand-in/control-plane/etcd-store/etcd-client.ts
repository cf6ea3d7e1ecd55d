// Asking etcd through whichever member answers: what may be repeated is, and what may not is asked once.
import { DatabaseAwayError } from '../database-errors.ts'
import { type Attempt, attemptsOf, type Reply } from './attempt.ts'
import { type Endpoints, endpointsOf } from './endpoints.ts'
import { type Found, foundIn, keyRange, type Range, responsesOf } from './messages.ts'

/** Where etcd is, and who asks. */
export interface EtcdAddress {
  readonly endpoints: readonly string[]
  readonly username?: string | undefined
  readonly password?: string | undefined
}

export interface EtcdClient {
  /** What a range finds. Linearizable: it sees every change that was acknowledged before, through any Dashboard. */
  range(range: Range): Promise<Found>
  /** What several ranges find at one moment. */
  ranges(ranges: readonly Range[]): Promise<readonly Found[]>
  /** Asks what may be asked twice without harm, from member to member until one answers or `until` is past. */
  repeat(path: string, body: object, until: number): Promise<Reply>
  /** Asks once: 'silent' means that it may have been done. What certainly was not sent is sent to the next member. */
  once(path: string, body: object, until: number): Promise<Reply | 'silent'>
  /** True when a quorum answered within `limitMs`. */
  isWell(limitMs: number): Promise<boolean>
  close(): Promise<void>
}

/** etcd said no: a fault of this program or of the deployment's settings. Nothing was done. */
export class EtcdRejectedError extends Error {
  readonly status: number
  constructor(path: string, { status, message }: { readonly status: number; readonly message: string }) {
    super(`etcd refused ${path}: ${message} (HTTP ${status}). Nothing was done.`)
    this.name = 'EtcdRejectedError'
    this.status = status
  }
}

/** The vendor's timeout: nobody waits longer for an answer about the store. */
export const LIMIT_MS = 5_000
/** One silent member may take no more of it than leaves time to ask two others. */
const ATTEMPT_PART = 0.3
/** An election takes about a second; asking more often than this would not end it sooner. */
const ROUND_PAUSE_MS = 100

/** A client of these members. It connects only when asked something. */
export const etcdClient = (address: EtcdAddress): EtcdClient => {
  const attempts = attemptsOf(address.endpoints)
  const endpoints = endpointsOf(address.endpoints)
  const post = withToken(address, attempts.post)
  const repeat = (path: string, body: object, until: number): Promise<Reply> =>
    repeated(endpoints, until, path, (url, limitMs) => post(url, { path, body, limitMs }))
  const client: EtcdClient = {
    range: async (range) => foundIn(await repeat('/v3/kv/range', range, deadline())),
    async ranges(ranges) {
      const success = ranges.map((range) => ({ request_range: range }))
      return responsesOf(await repeat('/v3/kv/txn', { success }, deadline()))
    },
    repeat,
    once: (path, body, until) => sentOnce(endpoints, until, path, (url, limitMs) => post(url, { path, body, limitMs })),
    async isWell(limitMs) {
      const probe = { ...keyRange('health'), keys_only: true }
      return await repeat('/v3/kv/range', probe, deadline(limitMs)).then(
        () => true,
        () => false,
      )
    },
    close: attempts.close,
  }
  return client
}

/** The moment, on this process's clock, when somebody who asks now has waited long enough. */
export const deadline = (limitMs: number = LIMIT_MS): number => performance.now() + limitMs

type Ask = (url: string, limitMs: number) => Promise<Attempt>

const repeated = async (endpoints: Endpoints, until: number, path: string, ask: Ask): Promise<Reply> => {
  const attemptMs = Math.ceil((until - performance.now()) * ATTEMPT_PART)
  let last: unknown
  for (;;) {
    let isAnybodyThere = false
    for (const url of endpoints.inOrder()) {
      const limitMs = Math.min(attemptMs, Math.floor(until - performance.now()))
      if (limitMs < 1) throw new DatabaseAwayError(last ?? new Error(`etcd did not answer ${path} in time`))
      const attempt = noted(endpoints, url, await ask(url, limitMs))
      if (attempt.kind === 'answered') return attempt.reply
      if (attempt.kind === 'rejected') throw new EtcdRejectedError(path, attempt)
      if (attempt.kind === 'silent') isAnybodyThere = true
      last = attempt.cause
    }
    // Where every member refused, waiting would only make the caller's 503 later.
    if (!isAnybodyThere) throw new DatabaseAwayError(last)
    await new Promise((resolve) => setTimeout(resolve, ROUND_PAUSE_MS))
  }
}

const sentOnce = async (endpoints: Endpoints, until: number, path: string, ask: Ask): Promise<Reply | 'silent'> => {
  let last: unknown
  for (const url of endpoints.inOrder()) {
    // Half of the time that is left: the other half is for finding out what became of it.
    const limitMs = Math.floor((until - performance.now()) / 2)
    if (limitMs < 1) break
    const attempt = noted(endpoints, url, await ask(url, limitMs))
    if (attempt.kind === 'answered') return attempt.reply
    if (attempt.kind === 'rejected') throw new EtcdRejectedError(path, attempt)
    if (attempt.kind === 'silent') return 'silent'
    last = attempt.cause
  }
  throw new DatabaseAwayError(last ?? new Error(`etcd was not asked ${path} in time`))
}

const noted = (endpoints: Endpoints, url: string, attempt: Attempt): Attempt => {
  if (attempt.kind === 'answered') endpoints.worked(url)
  else if (attempt.kind !== 'rejected') endpoints.failed(url)
  return attempt
}

type Post = (url: string, call: { path: string; body: object; limitMs: number }) => Promise<Attempt>

/** With a user name every call carries a token, asked for when there is none or when etcd no longer knows it. */
const withToken = ({ username, password }: EtcdAddress, post: ReturnType<typeof attemptsOf>['post']): Post => {
  if (!username) return post
  let token: string | undefined
  const signIn = async (url: string, limitMs: number): Promise<Attempt> => {
    const body = { name: username, password: password ?? '' }
    const attempt = await post(url, { path: '/v3/auth/authenticate', body, limitMs })
    if (attempt.kind === 'answered') token = String(attempt.reply.token)
    // Signing in changes nothing: what it was for was certainly not sent.
    return attempt.kind === 'silent' ? { kind: 'unsent', cause: attempt.cause } : attempt
  }
  return async (url, call) => {
    if (!token) {
      const signedIn = await signIn(url, call.limitMs)
      if (signedIn.kind !== 'answered') return signedIn
    }
    const attempt = await post(url, { ...call, token })
    if (attempt.kind !== 'rejected' || !/invalid auth token|revision in header is old/.test(attempt.message))
      return attempt
    token = undefined
    const signedIn = await signIn(url, call.limitMs)
    return signedIn.kind === 'answered' ? await post(url, { ...call, token }) : signedIn
  }
}
