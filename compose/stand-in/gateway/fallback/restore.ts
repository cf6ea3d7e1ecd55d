// The fallback as a place to read the configuration from, for a data-plane node that boots while every control-plane node is down.
import { reasonOf } from '../log.ts'
import type { DocumentSource } from '../standalone/follow-document.ts'
import { type Resources, resourcesOf } from '../standalone/resources.ts'
import type { ObjectKind, ObjectStore } from './object-store.ts'

export interface Restore {
  readonly store: ObjectStore
  readonly gatewayGroup: string
  readonly everyMs: number
}

/** Both objects have to be there and whole. An error names the object and what is wrong with it; whoever looks tries again. */
export function fallbackDocument({ store, gatewayGroup, everyMs }: Restore): DocumentSource {
  let seen: string | undefined
  const object = async (kind: ObjectKind): Promise<string> => {
    return store.read(kind, gatewayGroup).catch((error) => {
      throw new Error(`the ${kind} object '${gatewayGroup}' cannot be read: ${reasonOf(error)}`, { cause: error })
    })
  }
  return {
    name: store.name,
    everyMs,
    async read() {
      const [resource, config] = await Promise.all([object('resource'), object('config')])
      if (resource === seen) return undefined
      checkConfig(config, gatewayGroup)
      const resources = parsedResources(resource, gatewayGroup)
      seen = resource
      return resources
    },
  }
}

function parsedResources(text: string, key: string): Resources {
  try {
    return resourcesOf(JSON.parse(text))
  } catch (error) {
    throw new Error(`the resource object '${key}' (${text.length} characters) makes no sense: ${reasonOf(error)}`)
  }
}

function checkConfig(text: string, key: string): void {
  try {
    const { config } = JSON.parse(text) as { readonly config?: { readonly config_version?: unknown } }
    if (config?.config_version === undefined) throw new Error('config.config_version is missing')
  } catch (error) {
    throw new Error(`the config object '${key}' (${text.length} characters) makes no sense: ${reasonOf(error)}`)
  }
}
