// Who changes configuration: through the Admin API, as an operator's scripts would, every change written down.
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import { CALLED_ROUTE } from '../topology/called-route.ts'
import { type AdminAnswer, type WriteOutcome, writeOutcome } from './admin-api.ts'
import { type Change, type ChangeWorld, followChange, type Mark, unique } from './change.ts'
import { routesOf } from './known-routes.ts'
import type { Published } from './published.ts'
import { changeBy, markOf, type RouteChange, refuseUnseen } from './route-change.ts'

/**
 * The operator of the deployment. An act that is refused, or that nobody answers, is written down and returned as such, also where that came
 * of finding out what it is about. What is about nothing that there is, is written down as refused, and throws ScenarioError.
 */
export interface Operator {
  /** `change` is to be in words of its own: uniqueChange. */
  changeRoute(name: string, change: RouteChange): Promise<Change>
  createRoute(name: string, path: string): Promise<Change>
  deleteRoute(name: string): Promise<Change>
  /** Who writes to routes of its own: sets the description of one, made where it is not there, or deletes it (null). */
  writer(): Promise<(route: string, description: string | null) => Promise<AdminAnswer>>
  /** The description of every route by its id, as the control plane has them. Throws EnvironmentError where it does not say. */
  descriptions(): Promise<ReadonlyMap<string, string>>
  /** The id of a route by its name. Throws ScenarioError ERR_NO_ROUTE when there is none, and lists those there are. */
  routeId(name: string): Promise<string>
}

/** A request for a change, and what a gateway shows once it has it. */
interface Asked {
  readonly mark: Mark
  readonly ask: () => Promise<AdminAnswer>
}

/** Of one that never came to be asked for: nobody answered what it is about, or the Admin API would not say, or there is no such thing. */
const unasked = (error: Error): WriteOutcome => ({
  outcome: error instanceof EnvironmentError || error instanceof ScenarioError ? 'refused' : 'unknown',
  because: `it was not asked for: ${error.message}`,
})

/** Asks for a change and writes down what came of it, also where `prepare` does not find out what it is about. */
type Tell = (what: string, prepare: () => Promise<Asked>) => Promise<Change>

const tellIn = (world: ChangeWorld): Tell => {
  let count = 0
  return async (what, prepare) => {
    count += 1
    const told = { id: `change-${count}`, by: 'operator', what } as const
    const note = (stage: 'sent' | 'accepted' | 'refused' | 'unknown', why: Omit<WriteOutcome, 'outcome'> = {}): void =>
      world.recorder.record({ kind: 'change', at: world.clock.now(), ...told, stage, ...why })
    note('sent')
    const asked = await prepare().catch((error: Error) => error)
    const { outcome, ...why } = asked instanceof Error ? unasked(asked) : await writeOutcome(asked.ask)
    note(outcome, why)
    if (asked instanceof ScenarioError) throw asked
    return followChange(world, told, { mark: asked instanceof Error ? null : asked.mark, outcome })
  }
}

/** An operator on an Admin API, whose every change is written down and followed in `world`. */
export const createOperator = (published: Published, world: ChangeWorld): Operator => {
  const askFor = changeBy(published)
  const tell = tellIn(world)
  const routes = routesOf(published)

  /** Paths of routes that were made here, by the route's name, that no other route has: the called one's begin otherwise. */
  const paths = new Map<string, string>()

  return {
    routeId: routes.idOf,
    async changeRoute(name, asked) {
      refuseUnseen(name, asked)
      return tell(`change route ${name}`, async () => {
        const id = await routes.idOf(name)
        return { mark: markOf(id, asked), ask: () => askFor(id, asked) }
      })
    },
    async createRoute(name, path) {
      const id = name.replaceAll(/[^\w.-]/g, '-')
      if (!path.includes('*') && !path.startsWith(`/${CALLED_ROUTE}`)) paths.set(name, path)
      const desc = unique('created by a drill')
      return tell(`create route ${name}`, async () => {
        const body = { name, desc, service_id: (await routes.service()).id, paths: [path] }
        return {
          mark: { routeId: id, description: desc },
          ask: () => published.call('PUT', `routes/${id}`, body),
        }
      })
    },
    async writer() {
      const service = await routes.service()
      return (route, desc) =>
        desc === null
          ? published.call('DELETE', `routes/${route}`)
          : published.call('PUT', `routes/${route}`, {
              name: route,
              desc,
              service_id: service.id,
              paths: [`/${route}`],
            })
    },
    async descriptions() {
      return new Map((await routes.list()).map(({ id, desc = '' }) => [id, desc]))
    },
    async deleteRoute(name) {
      const change = await tell(`delete route ${name}`, async () => {
        const id = await routes.idOf(name)
        const goneAt = paths.get(name)
        return {
          mark: { routeId: id, deleted: true, ...(goneAt !== undefined && { goneAt }) },
          ask: () => published.call('DELETE', `routes/${id}`),
        }
      })
      // Whatever is made under its name next has an id of its own; one that may still be there keeps this one.
      if (change.outcome === 'accepted') routes.forget(name)
      return change
    },
  }
}
