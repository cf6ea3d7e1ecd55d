// Turns the configuration into what the traffic port serves from, and after a change only what the change touches.
import { type Compiled, type Compiler, openCompiler } from './compile-route.ts'
import type { Configuration } from './configuration.ts'
import type { Item } from './etcd-json.ts'
import { type Log, reasonOf } from './log.ts'
import { type Asked, type Match, type PathTable, pathTable } from './path-table.ts'
import type { ServedRoute } from './served-route.ts'
import type { Upstream } from './upstream.ts'

export interface Routing {
  find(asked: Asked): Match<ServedRoute> | undefined
  /** Compiles now what changed, so that the first call need not. */
  refresh(): void
  /** Upstreams that some route uses, for the Control API. */
  upstreams(): readonly Upstream[]
  close(): Promise<void>
}

export function openRouting(
  configuration: Configuration,
  { prefix, log }: { readonly prefix: string; readonly log: Log },
): Routing {
  const compiler = openCompiler({ configuration, prefix, log })
  const routes = compiledRoutes({ compiler, prefix, log })
  let stale: Set<string> | 'everything' | undefined = 'everything'
  configuration.onChange((keys) => {
    if (keys === undefined) stale = 'everything'
    if (stale === 'everything' || keys === undefined) return
    stale ??= new Set()
    for (const key of keys) stale.add(key)
  })
  const refresh = (): void => {
    if (stale === undefined) return
    const keys = stale
    stale = undefined
    if (keys === 'everything') routes.replace(configuration.directory('routes'))
    else routes.update(keys, configuration)
  }
  return {
    find(asked) {
      // Compiling on demand keeps what callers get and what the Control API shows at one revision, and joins bursts of changes.
      if (stale !== undefined) refresh()
      return routes.table().find(asked)
    },
    refresh,
    upstreams: () => compiler.upstreams(),
    close: () => compiler.close(),
  }
}

interface CompiledRoutes {
  table(): PathTable<ServedRoute>
  replace(items: readonly Item[]): void
  update(keys: ReadonlySet<string>, configuration: Configuration): void
}

interface Compiling {
  readonly compiler: Compiler
  readonly prefix: string
  readonly log: Log
}

function compiledRoutes({ compiler, prefix, log }: Compiling): CompiledRoutes {
  let table = pathTable<ServedRoute>()
  let compiled = new Map<string, Compiled>()
  /** Which routes a service or an upstream is part of, also of those that wait for it to exist. */
  let usersOf = new Map<string, Set<string>>()
  const put = (item: Item): void => {
    const made = compileOrTell(item, compiler, log)
    compiled.set(item.key, made)
    for (const key of made.uses) getOrAdd(usersOf, key).add(item.key)
    if (made.entry !== undefined) table.add(made.entry)
  }
  const takeOut = (key: string, old: Compiled): void => {
    compiled.delete(key)
    for (const used of old.uses) usersOf.get(used)?.delete(key)
    if (old.entry !== undefined) table.remove(old.entry)
  }
  return {
    table: () => table,
    replace(items) {
      const before = compiled
      table = pathTable()
      compiled = new Map()
      usersOf = new Map()
      for (const item of items) put(item)
      for (const old of before.values()) compiler.release(old)
    },
    update(keys, configuration) {
      for (const key of touched(keys, { prefix, usersOf })) {
        const old = compiled.get(key)
        if (old !== undefined) takeOut(key, old)
        const item = configuration.item(key)
        if (item !== undefined) put(item)
        // Released last, so that an upstream that did not change keeps its connections and its turn.
        if (old !== undefined) compiler.release(old)
      }
    },
  }
}

/** The routes among the changed keys, and those that use one of the others. */
function touched(
  keys: ReadonlySet<string>,
  { prefix, usersOf }: { readonly prefix: string; readonly usersOf: ReadonlyMap<string, ReadonlySet<string>> },
): ReadonlySet<string> {
  const routes = `${prefix}/routes/`
  return new Set([...keys].flatMap((key) => (key.startsWith(routes) ? [key] : [...(usersOf.get(key) ?? [])])))
}

function getOrAdd(sets: Map<string, Set<string>>, key: string): Set<string> {
  const known = sets.get(key) ?? new Set<string>()
  sets.set(key, known)
  return known
}

/** A route that cannot be served harms no other. */
function compileOrTell(item: Item, compiler: Compiler, log: Log): Compiled {
  try {
    return compiler.compile(item)
  } catch (error) {
    const fields = { key: item.key, revision: item.modifiedIndex }
    log.warn(fields, `route at ${item.key} is not served: ${reasonOf(error)}`)
    return { entry: undefined, uses: compiler.usesOf(item), upstreamKey: undefined }
  }
}
