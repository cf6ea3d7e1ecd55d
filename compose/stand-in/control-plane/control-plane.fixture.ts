// Control-plane programs for tests, in this process, and a client for each of their two contracts.
import { type RunningDashboard, startDashboard } from './dashboard/dashboard-server.ts'
import { startDpManager } from './dp-manager/dp-manager-server.ts'
import type { Running } from './program.ts'
import type { SessionStore, Settings } from './settings.ts'

const settingsOf = (node: string, databaseUrl: string, sessionStore: SessionStore): Settings => ({
  nodeName: node,
  listenPort: 0,
  listenHost: '127.0.0.1',
  store: { kind: 'postgresql' },
  databaseUrl,
  databaseMaxLifetimeS: 3_600,
  readySeesDatabase: true,
  keptRevisions: 10_000,
  logLevel: 'silent',
  sessionSecret: 'a-secret-for-tests-that-every-node-shares',
  sessionStore,
  acknowledgesEarlyMs: 0,
  acknowledgesAfterMs: 0,
  hasSilentPages: false,
  adminPassword: 'admin',
  tlsPort: 0,
  isPlainDisabled: false,
  tlsCertFile: '',
  tlsKeyFile: '',
  forcesPasswordChange: false,
  licenseText: 'a licence',
  instanceToken: '',
  trustedProxies: ['127.0.0.1'],
})

/** A Dashboard that is ready. */
export const dashboardOn = async (
  databaseUrl: string,
  node = 'control-plane-1',
  sessionStore: SessionStore = 'database',
  others: Partial<Settings> = {},
): Promise<RunningDashboard> => {
  const running = await startDashboard({ ...settingsOf(node, databaseUrl, sessionStore), ...others })
  await running.ready
  return running
}

/** A DP Manager that is ready. */
export const dpManagerOn = async (
  databaseUrl: string,
  node = 'control-plane-1',
  others: Partial<Settings> = {},
): Promise<Running> => {
  const running = await startDpManager({ ...settingsOf(node, databaseUrl, 'database'), ...others })
  await running.ready
  return running
}

/** An answer with its body read as JSON. */
export interface Answer {
  readonly status: number
  readonly body: Json
  readonly headers: Headers
}

/** JSON of any shape: tests say what they expect of it. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what the contract promises and fails where it is not there.
export type Json = any

/** Signs in through a node and gives back the cookie as a client sends it. */
export const signIn = async ({ url }: Running): Promise<string> => {
  const answer = await fetch(`${url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'admin' }),
  })
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** Calls the Admin API with a session cookie or other headers. */
export const call = async (
  { url }: Running,
  [method, path]: readonly [method: string, path: string],
  { cookie = '', body, headers = {} }: { cookie?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> => {
  const answer = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json')
  return { status: answer.status, body: isJson ? JSON.parse(text) : text, headers: answer.headers }
}

export const SERVICE = { name: 'echo', upstream: { nodes: [{ host: '10.0.0.9', port: 8080, weight: 1 }] } }
export const ROUTE = { name: 'orders', service_id: 'echo', paths: ['/orders/*'], desc: 'before' }
export const SERVICE_PATH = '/apisix/admin/services/echo?gateway_group_id=default'
export const ROUTE_PATH = '/apisix/admin/routes/orders?gateway_group_id=default'

/** Publishes one service with one route, as every drill does. */
export const publishOrders = async (dashboard: Running, cookie: string): Promise<void> => {
  const made = await call(dashboard, ['PUT', SERVICE_PATH], {
    cookie,
    body: SERVICE,
  })
  const routed = await call(dashboard, ['PUT', ROUTE_PATH], { cookie, body: ROUTE })
  if (made.status !== 200 || routed.status !== 200) throw new Error(`Not published: ${made.status}, ${routed.status}.`)
}

export const patchDesc = (dashboard: Running, cookie: string, desc: string): Promise<Answer> =>
  call(dashboard, ['PATCH', ROUTE_PATH], { cookie, body: [{ op: 'replace', path: '/desc', value: desc }] })

export const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plain = (text: string): string => Buffer.from(text, 'base64').toString()

/** One key with its revision, decoded. */
export interface Seen {
  readonly key: string
  readonly revision: number
  readonly value: Json
}

/** A range over a prefix, sent as gateways send it: without a Content-Type. */
export const rangeOf = async ({ url }: Running, key: string, end?: string) => {
  const body = { key: base64(key), ...(end ? { range_end: base64(end) } : {}), limit: 0, revision: 0 }
  const answer = await fetch(`${url}/v3/kv/range`, {
    method: 'POST',
    body: new TextEncoder().encode(JSON.stringify(body)),
  })
  const found: Json = await answer.json()
  return {
    status: answer.status,
    body: found,
    revision: Number(found.header?.revision),
    seen: (found.kvs ?? []).map((kv: Json): Seen => seen(kv)),
  }
}

const seen = (kv: Json): Seen => {
  const text = kv.value ? plain(kv.value) : ''
  return {
    key: plain(kv.key),
    revision: Number(kv.mod_revision),
    value: text.startsWith('{') ? JSON.parse(text) : text,
  }
}

/** A watch over /apisix, whose frames are read one by one. */
export const watchFrom = async ({ url }: Running, startRevision: number) => {
  const body = {
    create_request: { key: base64('/apisix/'), range_end: base64('/apisix0'), start_revision: startRevision },
  }
  const stop = new AbortController()
  const answer = await fetch(`${url}/v3/watch`, { method: 'POST', body: JSON.stringify(body), signal: stop.signal })
  const lines = answer.body ? linesOf(answer.body) : undefined
  const frame = async (): Promise<Json> => JSON.parse((await lines?.next())?.value ?? 'null')
  return {
    status: answer.status,
    frame,
    /** The next frame's events, decoded, with the frame's own revision. */
    async events() {
      const { result } = await frame()
      return { revision: Number(result.header.revision), seen: result.events.map((event: Json) => seen(event.kv)) }
    },
    /** True when the response ends, as it does when the node is stopped. */
    ended: async (): Promise<boolean> => (await lines?.next())?.done === true,
    stop: () => stop.abort(),
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
