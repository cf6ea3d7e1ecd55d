// A service's path_prefix, in the words a gateway knows: prefixed uris, and proxy-rewrite to strip it again.
import type { Body } from './published-object.ts'

/** The uris at which a route of this service is reached. */
export const urisOf = (route: Body, service: Body | undefined): readonly string[] => {
  const prefix = prefixOf(service)
  const paths = Array.isArray(route.paths) ? route.paths.map(String) : []
  return paths.map((path) => prefix + path)
}

/**
 * The plugins of a route, with the rewrite that strips its service's prefix. A route that rewrites its path itself
 * keeps its own rule: a gateway applies one rewrite only.
 */
export const pluginsOf = (route: Body, service: Body | undefined): object | undefined => {
  const plugins = asObject(route.plugins)
  const prefix = prefixOf(service)
  if (prefix === '' || service?.strip_path_prefix !== true) return plugins
  const own = asObject(plugins?.['proxy-rewrite'])
  if (own && ('uri' in own || 'regex_uri' in own)) return plugins
  return { ...plugins, 'proxy-rewrite': { ...own, regex_uri: [`^${escaped(prefix)}/?(.*)$`, '/$1'] } }
}

/** '/api/' and '/api' are the same prefix; '/' is none. */
const prefixOf = (service: Body | undefined): string =>
  typeof service?.path_prefix === 'string' ? service.path_prefix.replace(/\/+$/, '') : ''

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const asObject = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
