// The calls a gateway makes to a DP Manager: version, range, watch, and the data plane's own reports. The one door to it.
import { Agent } from 'undici'
import { rangeBody, readFrame, readRange, type Snapshot, type WatchFrame, watchBody } from './etcd-json.ts'
import type { Settings } from './settings.ts'

export interface DpManager {
  /** The `etcdcluster` version an endpoint reports. */
  version(endpoint: string, limitMs: number): Promise<string>
  range(endpoint: string): Promise<Snapshot>
  /** Frames of one watch, until the other side closes it. Throws on silence longer than the watch timeout. */
  watch(endpoint: string, from: { startRevision: number; signal: AbortSignal }): AsyncGenerator<WatchFrame>
  report(endpoint: string, path: string, body: object): Promise<void>
  close(): Promise<void>
}

/** An endpoint that answered, but not with 2xx. */
export class UnexpectedStatus extends Error {
  readonly status: number
  constructor(call: string, status: number) {
    super(`${call} was answered ${status}, expected 200`)
    this.status = status
  }
}

export function connectDpManager(settings: Settings, runId: string): DpManager {
  const { timings } = settings
  const agent = new Agent({ connect: { timeout: timings.connectTimeoutMs }, keepAliveTimeout: 60_000 })
  const headers = identity(settings, runId)
  const call = async (endpoint: string, path: string, options: CallOptions) => {
    const { limitMs, body, signal, more } = options
    const method = body === undefined ? 'GET' : 'POST'
    const timeouts = { headersTimeout: limitMs, bodyTimeout: limitMs }
    const answer = await agent.request({
      origin: endpoint,
      path,
      method,
      headers: { ...headers, ...more },
      body: body ?? null,
      signal,
      ...timeouts,
    })
    if (answer.statusCode < 300) return answer.body
    await answer.body.dump()
    throw new UnexpectedStatus(`${method} ${path}`, answer.statusCode)
  }
  return {
    async version(endpoint, limitMs) {
      const body = await call(endpoint, '/version', { limitMs, signal: AbortSignal.timeout(limitMs) })
      const answer = (await body.json()) as { readonly etcdcluster?: string }
      if (answer.etcdcluster === undefined) throw new Error(`${endpoint}/version does not name an etcdcluster version`)
      return answer.etcdcluster
    },
    async range(endpoint) {
      const body = await call(endpoint, '/v3/kv/range', {
        limitMs: timings.callTimeoutMs,
        body: rangeBody(settings.prefix),
      })
      return readRange(await body.text())
    },
    async *watch(endpoint, { startRevision, signal }) {
      const body = watchBody(settings.prefix, startRevision)
      const stream = await call(endpoint, '/v3/watch', { limitMs: timings.watchTimeoutMs, body, signal })
      for await (const line of lines(stream)) yield readFrame(line)
    },
    async report(endpoint, path, body) {
      const json = { 'Content-Type': 'application/json' }
      const options = { limitMs: timings.callTimeoutMs, body: JSON.stringify(body), more: json }
      const answer = await call(endpoint, path, options)
      await answer.dump()
    },
    close: () => agent.destroy(),
  }
}

interface CallOptions {
  readonly limitMs: number
  readonly body?: string
  readonly signal?: AbortSignal
  /** Headers beside the gateway's identity; the etcd calls have none, not even a Content-Type, as the vendor's. */
  readonly more?: Readonly<Record<string, string>>
}

function identity(settings: Settings, runId: string): Record<string, string> {
  return {
    'Gateway-Instance-ID': settings.instanceId,
    'Gateway-Run-ID': runId,
    'Gateway-Version': settings.version,
    ...(settings.token === undefined ? {} : { 'Control-Plane-Token': settings.token }),
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
