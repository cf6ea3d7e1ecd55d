// Keeps out of the configuration what the vendor's data plane would refuse: an object with a member too many, or of the wrong form.
import { Ajv, type ValidateFunction } from 'ajv'
import type { Item } from './etcd-json.ts'
import type { Log } from './log.ts'
import { objectSchemas } from './object-schemas.ts'

export interface ObjectCheck {
  /** What is wrong with an item, or undefined. */
  objection(item: Item): string | undefined
  /** Whether an item may be served; says in the log why not, in APISIX's words. */
  accepts(item: Item): boolean
}

export function objectCheck({ prefix, log }: { readonly prefix: string; readonly log: Log }): ObjectCheck {
  const ajv = new Ajv({ strictTypes: false, strictRequired: false, validateFormats: false })
  const checks = new Map(Object.entries(objectSchemas).map(([name, schema]) => [name, ajv.compile(schema)]))
  const objection = ({ key, value }: Item): string | undefined => {
    const check = checks.get(directoryOf(key, prefix))
    return check === undefined || check(value) ? undefined : whatIsWrong(check)
  }
  return {
    objection,
    accepts(item) {
      const wrong = objection(item)
      if (wrong === undefined) return true
      log.error(
        { key: item.key, revision: item.modifiedIndex, reason: wrong },
        `failed to check item data: ${item.key} ${wrong}`,
      )
      return false
    },
  }
}

/** The schemas by directory, as the Control API's `/v1/schema` shows them. */
export function shownSchemas(): object {
  const { routes: route, services: service, upstreams: upstream, ssls: ssl } = objectSchemas
  const plugins = Object.fromEntries(['response-rewrite', 'proxy-rewrite'].map((name) => [name, { type: 'object' }]))
  return { main: { route, service, upstream, ssl }, plugins, 'stream-plugins': {} }
}

function directoryOf(key: string, prefix: string): string {
  const rest = key.slice(prefix.length + 1)
  return rest.slice(0, rest.indexOf('/'))
}

function whatIsWrong({ errors }: ValidateFunction): string {
  const [error] = errors ?? []
  const extra =
    error !== undefined && 'additionalProperty' in error.params ? ` (${error.params.additionalProperty})` : ''
  return `${error?.instancePath || 'object'} ${error?.message ?? 'is not valid'}${extra}`
}
