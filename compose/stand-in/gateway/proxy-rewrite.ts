// The plugin proxy-rewrite: what the upstream is asked for instead of what the caller asked.
import { type HeaderRewrite, headerRewrite } from './header-operations.ts'
import { pluginOf } from './plugin.ts'
import type { Plugins } from './route.ts'

export interface RequestRewrite {
  /** The path for the upstream, with the caller's query. */
  path(path: string): string
  readonly method: string | undefined
  readonly host: string | undefined
  readonly headers: HeaderRewrite | undefined
}

interface RewriteConfig {
  readonly uri?: string
  readonly regex_uri?: readonly string[]
  readonly method?: string
  readonly host?: string
  readonly headers?: Readonly<Record<string, unknown>>
}

const unserved = ['use_real_request_uri_unsafe', 'scheme']

/** The rewrite that the plugins ask for, or undefined when they ask for none. Throws when it asks for what is not served. */
export function proxyRewrite(plugins: Plugins): RequestRewrite | undefined {
  const config = pluginOf<RewriteConfig>(plugins, 'proxy-rewrite', unserved)
  if (config === undefined) return undefined
  const change = uriChange(config)
  return {
    path: (path) => withQuery(path, change),
    method: config.method,
    host: config.host,
    headers: config.headers && headerRewrite(config.headers),
  }
}

/** `uri` comes before `regex_uri`; of several patterns the first that matches is taken. */
function uriChange({ uri, regex_uri: pieces = [] }: RewriteConfig): (path: string) => string {
  if (uri !== undefined) {
    if (uri.includes('$'))
      throw new Error(`its proxy-rewrite has a variable in ${uri}, which the stand-in cannot resolve`)
    return () => uri
  }
  const rules = pieces.flatMap((pattern, index) =>
    index % 2 === 0 ? [{ pattern: new RegExp(pattern), by: pieces[index + 1] ?? '' }] : [],
  )
  return (path) => {
    const rule = rules.find(({ pattern }) => pattern.test(path))
    return rule === undefined ? path : path.replace(rule.pattern, rule.by)
  }
}

function withQuery(path: string, change: (path: string) => string): string {
  const at = path.indexOf('?')
  if (at === -1) return change(path)
  const changed = change(path.slice(0, at))
  return `${changed}${changed.includes('?') ? '&' : '?'}${path.slice(at + 1)}`
}
