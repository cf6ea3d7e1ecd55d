// The plugin response-rewrite, as far as it sets, adds and removes headers of the answer.
import { type HeaderRewrite, headerRewrite } from './header-operations.ts'
import { pluginOf } from './plugin.ts'
import type { Plugins } from './route.ts'

interface RewriteConfig {
  readonly headers?: Readonly<Record<string, unknown>>
}

const unserved = ['status_code', 'body', 'body_base64', 'vars', 'filters']

/** The rewrite that the plugins ask for, or undefined when they ask for none. Throws when it asks for what is not served. */
export function responseRewrite(plugins: Plugins): HeaderRewrite | undefined {
  const config = pluginOf<RewriteConfig>(plugins, 'response-rewrite', unserved)
  return config?.headers && headerRewrite(config.headers)
}
