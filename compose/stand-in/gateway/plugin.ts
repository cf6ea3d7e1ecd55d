// Reads the configuration of one plugin, and refuses members that the stand-in would have to ignore.
import type { Plugins } from './route.ts'

/** Undefined when the plugin is absent or disabled. A route served differently from what it says would be worse than none. */
export function pluginOf<T extends object>(plugins: Plugins, name: string, unserved: readonly string[]): T | undefined {
  const config = plugins[name] as (T & { readonly _meta?: { readonly disable?: boolean } }) | undefined
  if (config === undefined || config._meta?.disable === true) return undefined
  const found = unserved.filter((member) => member in config)
  if (found.length > 0) throw new Error(`its ${name} has ${found.join(', ')}, which the stand-in cannot do`)
  return config
}
