// A small DP Manager for tests, in memory: version, range, watch and heartbeats, on real sockets, that can die and come back.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeDpManager {
  readonly url: string
  readonly store: FakeStore
  readonly heartbeats: readonly Readonly<Record<string, unknown>>[]
  /** Paths asked for since it began, in order. */
  readonly asked: readonly string[]
  /** Headers of the last request. */
  lastHeaders(): IncomingMessage['headers']
  /** Watches open now, by the revision they began at. */
  watches(): readonly number[]
  /** Sends a raw line to every watch. */
  say(line: string): void
  /** Ends every watch, as a DP Manager does that shuts down. */
  endWatches(): void
  /** Sends the beginning of a line and breaks every watch off. */
  cutWatches(beginning: string): void
  /** Lets heartbeats fail with this status; undefined takes them again. */
  refuseHeartbeats(status: number | undefined): void
  stop(): Promise<void>
  /** Listens again on the same port. */
  start(): Promise<void>
}

/** What several fakes share, as DP Managers share PostgreSQL. */
export interface FakeStore {
  put(key: string, value: unknown): void
  remove(key: string): void
  /** Forgets history up to here; a watch from before is cancelled. */
  compact(): void
  /** Goes back to a lower revision with the same items, as a database restored from a backup does. */
  rollBack(revision: number): void
  revision(): number
}

interface Stored {
  readonly value: string
  readonly created: number
  readonly modified: number
}

interface Change {
  readonly revision: number
  readonly event: object
}

interface Store extends FakeStore {
  readonly items: Map<string, Stored>
  changesFrom(revision: number): readonly Change[]
  compactedAt(): number
  readonly listeners: Set<(change: Change) => void>
}

export function fakeStore(): FakeStore {
  const items = new Map<string, Stored>()
  const listeners = new Set<(change: Change) => void>()
  let changes: Change[] = []
  let revision = 1
  let compacted = 0
  const record = (event: object): void => {
    const change = { revision, event }
    changes.push(change)
    for (const listener of listeners) listener(change)
  }
  const store: Store = {
    items,
    listeners,
    revision: () => revision,
    compactedAt: () => compacted,
    changesFrom: (from) => changes.filter((change) => change.revision >= from),
    put(key, value) {
      revision += 1
      const stored = { value: JSON.stringify(value), created: items.get(key)?.created ?? revision, modified: revision }
      items.set(key, stored)
      record({ kv: keyValue(key, stored) })
    },
    remove(key) {
      revision += 1
      items.delete(key)
      record({ type: 'DELETE', kv: { key: base64(key), mod_revision: String(revision) } })
    },
    compact() {
      compacted = revision
      // A watch from the compacted revision itself is still served, as etcd serves it.
      changes = changes.filter((change) => change.revision >= compacted)
    },
    rollBack(to) {
      revision = to
      compacted = Math.min(compacted, to)
      changes = []
    },
  }
  return store
}

export async function fakeDpManager(shared: FakeStore = fakeStore(), ofVersion = '3.4.0'): Promise<FakeDpManager> {
  const store = shared as Store
  const heartbeats: Record<string, unknown>[] = []
  const asked: string[] = []
  const watches = new Map<ServerResponse, number>()
  let heartbeatStatus = 200
  let lastHeaders: IncomingMessage['headers'] = {}
  const tell = (response: ServerResponse, change: Change): void => {
    response.write(line({ header: header(change.revision), events: [change.event] }))
  }
  store.listeners.add((change) => {
    for (const response of watches.keys()) tell(response, change)
  })
  const watch = (response: ServerResponse, start: number): void => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write(line({ header: header(store.revision()), created: true }))
    // From what is forgotten, or not there yet, nobody may watch.
    const from = Math.max(store.compactedAt(), Math.min(start, store.revision() + 1))
    if (from !== start) {
      response.end(line({ header: header(store.revision()), canceled: true, compact_revision: String(from) }))
      return
    }
    for (const change of store.changesFrom(start)) tell(response, change)
    watches.set(response, start)
    response.on('close', () => watches.delete(response))
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/'
    asked.push(path)
    lastHeaders = request.headers
    const text = (await request.toArray()).join('')
    const body = text === '' ? {} : JSON.parse(text)
    if (path === '/version') json(response, { etcdserver: ofVersion, etcdcluster: ofVersion })
    else if (path === '/v3/kv/range') json(response, range(store))
    else if (path === '/v3/watch') watch(response, Number(body.create_request.start_revision))
    else {
      response.statusCode = path.endsWith('/heartbeat') ? heartbeatStatus : 200
      if (response.statusCode === 200 && path.endsWith('/heartbeat')) heartbeats.push(body)
      json(response, { config: { config_version: 0 } })
    }
  }
  let server: Server = createServer(answer)
  await listening(server, 0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    store,
    heartbeats,
    asked,
    lastHeaders: () => lastHeaders,
    watches: () => [...watches.values()],
    say: (text) => watches.forEach((_start, response) => void response.write(text)),
    endWatches: () => {
      for (const response of watches.keys()) response.end()
      watches.clear()
    },
    cutWatches: (beginning) => {
      for (const response of watches.keys()) response.write(beginning, () => response.destroy())
      watches.clear()
    },
    refuseHeartbeats: (status) => {
      heartbeatStatus = status ?? 200
    },
    stop: () =>
      new Promise((resolve) => {
        watches.clear()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    async start() {
      server = createServer(answer)
      await listening(server, port)
    },
  }
}

function range(store: Store): object {
  const kvs = [...store.items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, stored]) => keyValue(key, stored))
  const marker = { key: base64('/apisix/routes/'), value: base64('init_dir'), create_revision: '1', mod_revision: '1' }
  return { header: header(store.revision()), kvs: [marker, ...kvs], count: String(kvs.length + 1) }
}

function keyValue(key: string, { value, created, modified }: Stored): object {
  return { key: base64(key), value: base64(value), create_revision: String(created), mod_revision: String(modified) }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}

function json(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}

const header = (revision: number): object => ({
  cluster_id: '1',
  member_id: '1',
  revision: String(revision),
  raft_term: '1',
})
const line = (result: object): string => `${JSON.stringify({ result })}\n`
const base64 = (text: string): string => Buffer.from(text).toString('base64')
