// Finds the route for a path, host and method in APISIX's order: host before any host, exact before prefix, longest prefix first,
// then priority. find-my-way knows neither priorities nor falling back to a shorter prefix, so this table is our own.

export interface Entry<T> {
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

export interface PathTable<T> {
  find(asked: Asked): T | undefined
}

export function pathTable<T>(entries: readonly Entry<T>[]): PathTable<T> {
  const byPriority = [...entries].sort((a, b) => b.priority - a.priority)
  const anyHost = emptyPaths<T>()
  const exactHosts = new Map<string, Paths<T>>()
  const hostEndings = new Map<string, Paths<T>>()
  for (const entry of byPriority) {
    if (entry.hosts === undefined || entry.hosts.length === 0) addPaths(anyHost, entry)
    for (const host of entry.hosts ?? []) {
      if (host.startsWith('*')) addPaths(getOrAdd(hostEndings, host.slice(1).toLowerCase()), entry)
      else addPaths(getOrAdd(exactHosts, host.toLowerCase()), entry)
    }
  }
  const endings = [...hostEndings].sort(([a], [b]) => b.length - a.length)
  const knowsHosts = exactHosts.size + endings.length > 0
  return {
    find(asked) {
      if (!knowsHosts) return findPath(anyHost, asked)
      const host = asked.host.replace(/:\d+$/, '').toLowerCase()
      const exact = exactHosts.get(host)
      const found = exact === undefined ? undefined : findPath(exact, asked)
      if (found !== undefined) return found
      for (const [ending, paths] of endings) {
        const byEnding = host.endsWith(ending) ? findPath(paths, asked) : undefined
        if (byEnding !== undefined) return byEnding
      }
      return findPath(anyHost, asked)
    },
  }
}

/** Entries of one host; each list is in order of priority. Prefixes are looked up by length, longest first. */
interface Paths<T> {
  readonly exact: Map<string, Entry<T>[]>
  readonly prefixes: Map<string, Entry<T>[]>
  lengths: readonly number[]
}

function emptyPaths<T>(): Paths<T> {
  return { exact: new Map(), prefixes: new Map(), lengths: [] }
}

function getOrAdd<T>(hosts: Map<string, Paths<T>>, host: string): Paths<T> {
  const known = hosts.get(host)
  if (known !== undefined) return known
  const added = emptyPaths<T>()
  hosts.set(host, added)
  return added
}

function addPaths<T>(paths: Paths<T>, entry: Entry<T>): void {
  for (const uri of entry.uris) {
    const isPrefix = uri.endsWith('*')
    const key = isPrefix ? uri.slice(0, -1) : uri
    const lists = isPrefix ? paths.prefixes : paths.exact
    const list = lists.get(key)
    if (list === undefined) lists.set(key, [entry])
    else list.push(entry)
    if (isPrefix && !paths.lengths.includes(key.length))
      paths.lengths = [...paths.lengths, key.length].sort((a, b) => b - a)
  }
}

function findPath<T>(paths: Paths<T>, { path, method }: Asked): T | undefined {
  const exact = takes(paths.exact.get(path), method)
  if (exact !== undefined) return exact.target
  for (const length of paths.lengths) {
    if (length > path.length) continue
    const prefixed = takes(paths.prefixes.get(path.slice(0, length)), method)
    if (prefixed !== undefined) return prefixed.target
  }
  return undefined
}

function takes<T>(entries: readonly Entry<T>[] | undefined, method: string): Entry<T> | undefined {
  return entries?.find(
    (entry) => entry.methods === undefined || entry.methods.length === 0 || entry.methods.includes(method),
  )
}
