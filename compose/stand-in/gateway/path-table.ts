// Finds the route for a path, host and method in APISIX's order: host before any host, exact before prefix, longest prefix first,
// then priority. find-my-way knows neither priorities nor falling back to a shorter prefix, so this table is our own.

export interface Entry<T> {
  /** Two entries never share a key; of equal priority the smaller key comes first. */
  readonly key: string
  readonly uris: readonly string[]
  readonly hosts: readonly string[] | undefined
  readonly methods: readonly string[] | undefined
  readonly priority: number
  readonly target: T
}

export interface Asked {
  readonly path: string
  readonly host: string
  readonly method: string
}

/** What was found, with the uri and the host it was written with; the same object for every call that takes this way. */
export interface Match<T> {
  readonly target: T
  readonly uri: string
  readonly host: string
}

export interface PathTable<T> {
  find(asked: Asked): Match<T> | undefined
  add(entry: Entry<T>): void
  remove(entry: Entry<T>): void
}

/** A table that takes and gives single entries, so that one change among thousands costs no more than one among few. */
export function pathTable<T>(entries: readonly Entry<T>[] = []): PathTable<T> {
  const anyHost = emptyPaths<T>()
  const exactHosts = new Map<string, Paths<T>>()
  const hostEndings = byLength<Paths<T>>()
  const pathsFor = (host: string): Paths<T> =>
    host.startsWith('*')
      ? hostEndings.getOrAdd(host.slice(1).toLowerCase(), emptyPaths<T>)
      : getOrAdd(exactHosts, host.toLowerCase(), emptyPaths<T>)
  const ways = ({ uris, hosts = [] }: Entry<T>): readonly Way<T>[] => {
    const places =
      hosts.length === 0 ? [{ host: '', paths: anyHost }] : hosts.map((host) => ({ host, paths: pathsFor(host) }))
    return places.flatMap(({ host, paths }) => uris.map((uri) => ({ host, uri, paths })))
  }
  const add = (entry: Entry<T>): void => {
    for (const { host, uri, paths } of ways(entry))
      insert(listFor(paths, uri), { ...entry, match: { target: entry.target, uri, host } })
  }
  for (const entry of entries) add(entry)
  return {
    add,
    remove(entry) {
      for (const { uri, paths } of ways(entry)) takeOut(paths, uri, entry.key)
    },
    find(asked) {
      if (exactHosts.size + hostEndings.size() === 0) return findPath(anyHost, asked)
      const host = asked.host.replace(/:\d+$/, '').toLowerCase()
      const exact = exactHosts.get(host)
      const found = exact === undefined ? undefined : findPath(exact, asked)
      return found ?? hostEndings.firstOf(host, 'end', (paths) => findPath(paths, asked)) ?? findPath(anyHost, asked)
    },
  }
}

interface Way<T> {
  readonly host: string
  readonly uri: string
  readonly paths: Paths<T>
}

interface Placed<T> extends Entry<T> {
  readonly match: Match<T>
}

/** Entries of one host; each list is in order of priority. */
interface Paths<T> {
  readonly exact: Map<string, Placed<T>[]>
  readonly prefixes: ByLength<Placed<T>[]>
}

function emptyPaths<T>(): Paths<T> {
  return { exact: new Map(), prefixes: byLength() }
}

function getOrAdd<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const added = make()
  map.set(key, added)
  return added
}

function listFor<T>({ exact, prefixes }: Paths<T>, uri: string): Placed<T>[] {
  const make = (): Placed<T>[] => []
  return uri.endsWith('*') ? prefixes.getOrAdd(uri.slice(0, -1), make) : getOrAdd(exact, uri, make)
}

function insert<T>(list: Placed<T>[], placed: Placed<T>): void {
  const isBefore = (other: Placed<T>): boolean =>
    other.priority > placed.priority || (other.priority === placed.priority && other.key < placed.key)
  let place = list.length
  while (place > 0 && !isBefore(list[place - 1] as Placed<T>)) place -= 1
  list.splice(place, 0, placed)
}

function takeOut<T>({ exact, prefixes }: Paths<T>, uri: string, key: string): void {
  const isPrefix = uri.endsWith('*')
  const at = isPrefix ? uri.slice(0, -1) : uri
  const list = (isPrefix ? prefixes.get(at) : exact.get(at)) ?? []
  const place = list.findIndex((placed) => placed.key === key)
  if (place >= 0) list.splice(place, 1)
  if (list.length > 0) return
  if (isPrefix) prefixes.delete(at)
  else exact.delete(at)
}

function findPath<T>({ exact, prefixes }: Paths<T>, { path, method }: Asked): Match<T> | undefined {
  return takes(exact.get(path), method) ?? prefixes.firstOf(path, 'start', (list) => takes(list, method))
}

function takes<T>(list: readonly Placed<T>[] | undefined, method: string): Match<T> | undefined {
  if (list === undefined) return undefined
  for (const { methods, match } of list) {
    if (methods === undefined || methods.length === 0 || methods.includes(method)) return match
  }
  return undefined
}

/** Values under keys that are starts or ends of a text, looked up longest first: one look for each length that is in use. */
interface ByLength<V> {
  size(): number
  get(key: string): V | undefined
  getOrAdd(key: string, make: () => V): V
  delete(key: string): void
  /** The first answer that `ask` gives for a value whose key is that side of the text. */
  firstOf<R>(text: string, side: 'start' | 'end', ask: (value: V) => R | undefined): R | undefined
}

function byLength<V>(): ByLength<V> {
  const values = new Map<string, V>()
  const counts = new Map<number, number>()
  let lengths: readonly number[] = []
  const count = (length: number, by: 1 | -1): void => {
    const now = (counts.get(length) ?? 0) + by
    if (now === 0) counts.delete(length)
    else counts.set(length, now)
    if (now === 0 || (now === 1 && by === 1)) lengths = [...counts.keys()].sort((a, b) => b - a)
  }
  return {
    size: () => values.size,
    get: (key) => values.get(key),
    getOrAdd(key, make) {
      if (!values.has(key)) count(key.length, 1)
      return getOrAdd(values, key, make)
    },
    delete(key) {
      if (values.delete(key)) count(key.length, -1)
    },
    firstOf(text, side, ask) {
      for (const length of lengths) {
        if (length > text.length) continue
        const value = values.get(side === 'start' ? text.slice(0, length) : text.slice(text.length - length))
        const answer = value === undefined ? undefined : ask(value)
        if (answer !== undefined) return answer
      }
      return undefined
    },
  }
}
