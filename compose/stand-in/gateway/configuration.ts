// The configuration a gateway serves from: every item by key, in memory only, as the vendor keeps it.
import type { Change, Item, Snapshot } from './etcd-json.ts'

export interface Configuration {
  /** Undefined until the first full read. */
  revision(): number | undefined
  /** Rises with each change, so that what is derived from the items knows when it is old. */
  generation(): number
  item(key: string): Item | undefined
  /** Items of one directory, like `routes`, in order of their keys. */
  directory(name: string): readonly Item[]
  replace(snapshot: Snapshot): void
  apply(changes: readonly Change[]): void
  forget(): void
  /** Tells the listener the keys that may have changed, or undefined when everything may have. */
  onChange(listener: (keys: readonly string[] | undefined) => void): void
}

/** An item that `accepts` refuses is left out; when it is a change, the value before it stays, as in APISIX. */
export function emptyConfiguration(prefix: string, accepts: (item: Item) => boolean = () => true): Configuration {
  const listeners: ((keys: readonly string[] | undefined) => void)[] = []
  const tell = (keys: readonly string[] | undefined): void => {
    for (const listener of listeners) listener(keys)
  }
  let items = new Map<string, Item>()
  let revision: number | undefined
  let generation = 0
  return {
    revision: () => revision,
    generation: () => generation,
    item: (key) => items.get(key),
    directory: (name) => under(items, `${prefix}/${name}/`),
    replace(snapshot) {
      items = new Map(snapshot.items.filter(accepts).map((item) => [item.key, item]))
      revision = snapshot.revision
      generation += 1
      tell(undefined)
    },
    apply(changes) {
      for (const change of changes) {
        if (change.kind === 'put' && accepts(change.item)) items.set(change.item.key, change.item)
        if (change.kind === 'delete') items.delete(change.key)
        revision = Math.max(revision ?? 0, revisionOf(change))
      }
      generation += 1
      tell(changes.map((change) => (change.kind === 'put' ? change.item.key : change.key)))
    },
    onChange: (listener) => void listeners.push(listener),
    forget() {
      items = new Map()
      revision = undefined
      generation += 1
      tell(undefined)
    },
  }
}

function under(items: ReadonlyMap<string, Item>, prefix: string): readonly Item[] {
  return [...items.values()].filter((item) => item.key.startsWith(prefix)).sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** The revision counts only what was delivered: a watch that resumes after the header's revision could skip changes. */
function revisionOf(change: Change): number {
  return change.kind === 'put' ? change.item.modifiedIndex : change.revision
}
