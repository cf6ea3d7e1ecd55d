// The calls a gateway makes to a DP Manager or an etcd: version, range, watch, and the data plane's own reports. The one door to it.
import { Agent } from 'undici'
import { certifiedConnector } from './client-certificate.ts'
import { rangeBody, readFrame, readRange, type Snapshot, type WatchFrame, watchBody } from './etcd-json.ts'
import { type EtcdToken, etcdToken } from './etcd-token.ts'
import type { Settings } from './settings.ts'

export interface DpManager {
  /** The `etcdcluster` version an endpoint reports. */
  version(endpoint: string, limitMs: number): Promise<string>
  range(endpoint: string): Promise<Snapshot>
  /** Frames of one watch, until the other side closes it. Throws on silence longer than the watch timeout. */
  watch(endpoint: string, from: { startRevision: number; signal: AbortSignal }): AsyncGenerator<WatchFrame>
  /** Sends a report and gives the answer, undefined when it is no JSON. */
  report(endpoint: string, path: string, body: object): Promise<unknown>
  close(): Promise<void>
}

/** An endpoint that answered, but not with 2xx. */
export class UnexpectedStatus extends Error {
  readonly status: number
  constructor(call: string, status: number, because: string | undefined) {
    super(`${call} was answered ${status}${because === undefined ? '' : ` (${because})`}, expected 200`)
    this.status = status
  }
}

export function connectDpManager(settings: Settings, runId: string): DpManager {
  const { timings } = settings
  const agents = openAgents(settings)
  const headers = identity(settings, runId)
  const call = async (endpoint: string, path: string, options: CallOptions) => {
    const { agent = agents.calls, limitMs = timings.callTimeoutMs, body, signal, more } = options
    const method = body === undefined ? 'GET' : 'POST'
    const timeouts = { headersTimeout: limitMs, bodyTimeout: limitMs }
    const sent = { origin: endpoint, path, method, headers: { ...headers, ...more }, body: body ?? null } as const
    const answer = await agent.request({ ...sent, signal, ...timeouts })
    if (answer.statusCode < 300) return answer.body
    throw new UnexpectedStatus(`${method} ${path}`, answer.statusCode, errorIn(await answer.body.text()))
  }
  const token = tokenOf(settings, async (endpoint, body) =>
    (await call(endpoint, '/v3/auth/authenticate', { body })).text(),
  )
  return {
    async version(endpoint, limitMs) {
      const look = { agent: agents.looks, limitMs, signal: AbortSignal.timeout(limitMs) }
      const answer = (await (await call(endpoint, '/version', look)).json()) as { readonly etcdcluster?: string }
      if (answer.etcdcluster === undefined) throw new Error(`${endpoint}/version does not name an etcdcluster version`)
      return answer.etcdcluster
    },
    async range(endpoint) {
      const more = await token.headers(endpoint)
      const body = await call(endpoint, '/v3/kv/range', { body: rangeBody(settings.prefix), more })
      return readRange(await body.text(), settings.prefix)
    },
    async *watch(endpoint, { startRevision, signal }) {
      const more = await token.headers(endpoint)
      const body = watchBody(settings.prefix, startRevision)
      const opened = { agent: agents.watches, limitMs: timings.watchTimeoutMs, body, signal, more }
      for await (const line of lines(await call(endpoint, '/v3/watch', opened))) yield readFrame(line)
    },
    async report(endpoint, path, body) {
      const more = { 'Content-Type': 'application/json' }
      return parsed(await (await call(endpoint, path, { body: JSON.stringify(body), more })).text())
    },
    async close() {
      await Promise.all(Object.values(agents).map((agent) => agent.destroy()))
    },
  }
}

interface CallOptions {
  readonly agent?: Agent
  readonly limitMs?: number
  readonly body?: string
  readonly signal?: AbortSignal
  /** Headers beside the gateway's identity; the etcd calls have none, not even a Content-Type, as the vendor's. */
  readonly more?: Readonly<Record<string, string>>
}

/** Three pools, since each kind of call gives up on a connection at its own limit: a black hole must not collect sockets of short looks. */
function openAgents(settings: Settings) {
  const { timings } = settings
  const open = (limitMs: number): Agent => {
    const timeout = Math.min(timings.connectTimeoutMs, limitMs)
    return new Agent({ connect: certifiedConnector(settings, timeout), keepAliveTimeout: 60_000 })
  }
  return {
    looks: open(timings.versionLimitMs),
    calls: open(timings.callTimeoutMs),
    watches: open(timings.watchTimeoutMs),
  }
}

function identity(settings: Settings, runId: string): Record<string, string> {
  return {
    'Gateway-Instance-ID': settings.instanceId,
    'Gateway-Run-ID': runId,
    'Gateway-Version': settings.version,
    ...(settings.token === undefined ? {} : { 'Control-Plane-Token': settings.token }),
  }
}

function tokenOf({ etcdUser }: Settings, authenticate: (endpoint: string, body: string) => Promise<string>): EtcdToken {
  return etcdUser === undefined ? { headers: async () => ({}) } : etcdToken(etcdUser, authenticate)
}

/** The words of an etcd-like error answer: `{"error":"etcdserver: permission denied", ...}`. */
function errorIn(text: string): string | undefined {
  const answer = parsed(text)
  if (typeof answer !== 'object' || answer === null) return undefined
  const { error, error_msg } = answer as { readonly error?: unknown; readonly error_msg?: unknown }
  const said = error ?? error_msg
  return typeof said === 'string' ? said : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function* lines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = pieces.pop() ?? ''
    yield* pieces
  }
}
