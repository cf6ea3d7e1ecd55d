// The etcd v3 JSON shapes between gateway and DP Manager, and how they read: keys and values in base64, int64 as strings.

export interface Item {
  readonly key: string
  readonly value: unknown
  readonly modifiedIndex: number
  readonly createdIndex: number
}

export interface Snapshot {
  readonly revision: number
  readonly items: readonly Item[]
  /** Items whose value is no JSON; the gateway serves the others. */
  readonly unreadable: readonly string[]
}

export type Change =
  | { readonly kind: 'put'; readonly item: Item }
  | { readonly kind: 'delete'; readonly key: string; readonly revision: number }
  | { readonly kind: 'unreadable'; readonly key: string; readonly revision: number }

export type WatchFrame =
  | { readonly kind: 'created'; readonly revision: number }
  | { readonly kind: 'changes'; readonly revision: number; readonly changes: readonly Change[] }
  | { readonly kind: 'compacted'; readonly revision: number }

interface KeyValue {
  readonly key: string
  readonly value?: string
  readonly create_revision?: string
  readonly mod_revision?: string
}

interface RangeAnswer {
  readonly header?: { readonly revision?: string }
  readonly kvs?: readonly KeyValue[]
  readonly error?: string
}

interface WatchResult {
  readonly header?: { readonly revision?: string }
  readonly created?: boolean
  readonly canceled?: boolean
  readonly compact_revision?: string
  readonly cancel_reason?: string
  readonly events?: readonly { readonly type?: string; readonly kv: KeyValue }[]
}

/** The body that reads everything under a prefix at once; the end is the prefix with its last byte raised by one. */
export function rangeBody(prefix: string): string {
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
  return JSON.stringify({ key: base64(prefix), range_end: base64(end) })
}

/** The body that asks for every change under a prefix from a revision on. */
export function watchBody(prefix: string, startRevision: number): string {
  const create_request = { key: base64(`${prefix}/`), range_end: base64(`${prefix}0`), start_revision: startRevision }
  return JSON.stringify({ create_request })
}

/** Keys beside the prefix are left out: `/api7/1` as a range also holds `/api7/10`. */
export function readRange(json: string, prefix: string): Snapshot {
  const answer = JSON.parse(json) as RangeAnswer
  if (answer.error !== undefined) throw new Error(`range was answered with an error: ${answer.error}`)
  const isWanted = (kv: KeyValue) => !isDirectoryMarker(kv) && text(kv.key).startsWith(`${prefix}/`)
  const changes = (answer.kvs ?? []).filter(isWanted).map(readPut)
  return {
    revision: revisionOf(answer.header?.revision, 'range'),
    items: changes.flatMap((change) => (change.kind === 'put' ? [change.item] : [])),
    unreadable: changes.flatMap((change) => (change.kind === 'unreadable' ? [change.key] : [])),
  }
}

/** Reads one line of a watch. A line the protocol does not allow is an error, since real gateways drop the watch over it too. */
export function readFrame(line: string): WatchFrame {
  const frame = JSON.parse(line) as { readonly result?: WatchResult; readonly error?: { readonly message?: string } }
  if (frame.result === undefined) throw new Error(`watch was answered with an error: ${frame.error?.message ?? line}`)
  const { result } = frame
  if (result.canceled && result.compact_revision !== undefined) {
    return { kind: 'compacted', revision: Number(result.compact_revision) }
  }
  if (result.canceled) throw new Error(`watch was cancelled: ${result.cancel_reason ?? 'no reason given'}`)
  const revision = revisionOf(result.header?.revision, 'watch')
  if (result.created) return { kind: 'created', revision }
  if (result.events === undefined) throw new Error('watch sent a frame without events, which nobody asked for')
  return {
    kind: 'changes',
    revision,
    changes: result.events.filter(({ kv }) => !isDirectoryMarker(kv)).map(readChange),
  }
}

function readChange(event: { readonly type?: string; readonly kv: KeyValue }): Change {
  if (event.type !== 'DELETE') return readPut(event.kv)
  return { kind: 'delete', key: text(event.kv.key), revision: Number(event.kv.mod_revision ?? 0) }
}

function readPut(kv: KeyValue): Change {
  const key = text(kv.key)
  const modifiedIndex = Number(kv.mod_revision ?? 0)
  try {
    const value: unknown = JSON.parse(text(kv.value ?? ''))
    return { kind: 'put', item: { key, value, modifiedIndex, createdIndex: Number(kv.create_revision ?? 0) } }
  } catch {
    return { kind: 'unreadable', key, revision: modifiedIndex }
  }
}

/** Keys that end in a slash only say that a directory exists; their value is the word init_dir. */
function isDirectoryMarker(kv: KeyValue): boolean {
  return text(kv.key).endsWith('/')
}

function revisionOf(value: string | undefined, what: string): number {
  if (value === undefined) throw new Error(`etcd response missing header.revision (${what})`)
  return Number(value)
}

const base64 = (value: string): string => Buffer.from(value).toString('base64')
const text = (value: string): string => Buffer.from(value, 'base64').toString('utf8')
