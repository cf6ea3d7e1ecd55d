// The routes of the called service as the control plane lists them, each known by its name once it was found.
import { ScenarioError } from '../time/errors.ts'
import { CALLED_SERVICE } from '../topology/called-route.ts'
import type { Item } from './admin-api.ts'
import type { Published } from './published.ts'

export interface KnownRoutes {
  list(): Promise<readonly Item[]>
  /** The service that routes belong to. Throws ScenarioError ERR_NO_SERVICE when it is not there, and lists those there are. */
  service(): Promise<Item>
  /** The id of a route by its name, remembered. Throws ScenarioError ERR_NO_ROUTE when there is none, and lists those there are. */
  idOf(name: string): Promise<string>
  /** Whatever has this name next has an id of its own. */
  forget(name: string): void
}

export const routesOf = (published: Published): KnownRoutes => {
  // A route keeps its id: whoever changes it while the database is away need not be able to read the list.
  const ids = new Map<string, string>()

  const list: KnownRoutes['list'] = async () => {
    const service = (await published.services()).find(({ name }) => name === CALLED_SERVICE)
    return published.routes(service?.id)
  }

  return {
    list,
    async service() {
      const all = await published.services()
      const found = all.find((each) => each.name === CALLED_SERVICE)
      if (found) return found
      throw new ScenarioError(
        `There is no service '${CALLED_SERVICE}' for a route to belong to: there are ${all.map(({ name }) => name).join(', ') || 'none'}.`,
        { code: 'ERR_NO_SERVICE' },
      )
    },
    async idOf(name) {
      const known = ids.get(name)
      if (known !== undefined) return known
      const all = await list()
      const found = all.find((route) => route.name === name)
      if (!found)
        throw new ScenarioError(
          `There is no route '${name}': there are ${all.map((route) => route.name).join(', ') || 'none'}.`,
          { code: 'ERR_NO_ROUTE' },
        )
      ids.set(name, found.id)
      return found.id
    },
    forget: (name) => void ids.delete(name),
  }
}
