// Who changes configuration: through the Admin API, as an operator's scripts would, every change written down.
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import { type AdminAnswer, type AdminApi, outcomeOfStatus } from './admin-api.ts'
import { type Change, type ChangeWorld, followChange, type Mark, unique } from './change.ts'

const GROUP = 'gateway_group_id=default'

/** The service behind what callers ask for. */
export const CALLED_SERVICE = 'orders'
/** The path that callers ask for; the route `orders` serves it. */
export const CALLED_PATH = '/orders/42'
/** The route that serves it. */
export const CALLED_ROUTE = 'orders'

/** What shall be different about a route. */
export interface RouteChange {
  readonly description?: string
  /** A header that every answer of the route `orders` carries from then on, which is the one that callers ask for: what they can see of a change. */
  readonly answerHeader?: { readonly name: string; readonly value: string }
}

/**
 * The operator of the deployment. An act that is refused, or that nobody answers, is written down and returned as such, also where that came
 * of finding out what it is about. What is about nothing that there is, is written down as refused, and throws ScenarioError.
 */
export interface Operator {
  /** Makes what the callers need where it is not there yet: the service `orders` and its route. */
  provision(upstream: { readonly host: string; readonly port: number }): Promise<void>
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

interface Item {
  readonly id: string
  readonly name: string
  readonly desc?: string
}

/** A request for a change, and what a gateway shows once it has it. */
interface Asked {
  readonly mark: Mark
  readonly ask: () => Promise<AdminAnswer>
}

const listOf = (answer: AdminAnswer): readonly Item[] => (answer.body as { list?: Item[] }).list ?? []
const errorOf = (answer: AdminAnswer): string =>
  (answer.body as { error_msg?: string } | null)?.error_msg ?? 'no error_msg'

const expectOk = (answer: AdminAnswer, what: string): AdminAnswer => {
  if (answer.status === 200 || answer.status === 201) return answer
  throw new EnvironmentError(
    `The Admin API would not ${what}: status ${answer.status} (${errorOf(answer)}), expected 200.`,
    { code: 'ERR_ADMIN_API' },
  )
}

interface Outcome {
  readonly outcome: Change['outcome']
  readonly because?: string
}

/** Of one that never came to be asked for: nobody answered what it is about, or the Admin API would not say, or there is no such thing. */
const unasked = (error: Error): Outcome => ({
  outcome: error instanceof EnvironmentError || error instanceof ScenarioError ? 'refused' : 'unknown',
  because: `it was not asked for: ${error.message}`,
})

const outcomeOf = async (ask: () => Promise<AdminAnswer>): Promise<Outcome> => {
  try {
    const answer = await ask()
    const outcome = outcomeOfStatus(answer.status)
    return outcome === 'accepted' ? { outcome } : { outcome, because: `status ${answer.status}: ${errorOf(answer)}` }
  } catch (error) {
    return { outcome: 'unknown', because: (error as Error).message }
  }
}

/** The same change in words of its own: drawn once for all requests of an act, so that an earlier one which lands late shows it too. */
export const uniqueChange = ({ description, answerHeader }: RouteChange): RouteChange => ({
  ...(description !== undefined && { description: unique(description) }),
  ...(answerHeader && { answerHeader: { ...answerHeader, value: unique(answerHeader.value) } }),
})

/** Throws ScenarioError on a change of which nobody could say that it was there: of nothing, or of a header on a route that callers do not ask for. */
const refuseUnseen = (name: string, { description, answerHeader }: RouteChange): void => {
  if (description === undefined && answerHeader === undefined)
    throw new ScenarioError(
      `Refused to change route ${name}: neither its description nor a header is to be different.`,
      {
        code: 'ERR_NO_CHANGE',
      },
    )
  if (answerHeader !== undefined && name !== CALLED_ROUTE)
    throw new ScenarioError(
      `Refused to give route ${name} a header: callers ask for '${CALLED_ROUTE}' alone, so nobody would see it. Change its description, which gateways show themselves.`,
      { code: 'ERR_UNSEEN_CHANGE' },
    )
}

/** An operator on an Admin API; `world` is absent while the deployment is only being set up, and no change is followed then. */
export const createOperator = (api: AdminApi, world?: ChangeWorld): Operator => {
  let count = 0

  const routes = async (): Promise<readonly Item[]> => {
    const service = (await services()).find((each) => each.name === CALLED_SERVICE)
    const query = service ? `&service_id=${service.id}` : ''
    return listOf(expectOk(await api.call('GET', `/apisix/admin/routes?${GROUP}${query}&page_size=500`), 'list routes'))
  }
  const services = async (): Promise<readonly Item[]> =>
    listOf(expectOk(await api.call('GET', `/apisix/admin/services?${GROUP}&page_size=500`), 'list services'))

  /** The service that routes belong to. Throws ScenarioError ERR_NO_SERVICE when it is not there, and lists those there are. */
  const calledService = async (): Promise<Item> => {
    const all = await services()
    const found = all.find((each) => each.name === CALLED_SERVICE)
    if (found) return found
    throw new ScenarioError(
      `There is no service '${CALLED_SERVICE}' for a route to belong to: there are ${all.map(({ name }) => name).join(', ') || 'none'}.`,
      { code: 'ERR_NO_SERVICE' },
    )
  }

  // A route keeps its id: whoever changes it while the database is away need not be able to read the list.
  const ids = new Map<string, string>()

  /** Paths of routes that were made here, by the route's name, that no other route has: the called one's begin otherwise. */
  const paths = new Map<string, string>()

  const routeId: Operator['routeId'] = async (name) => {
    const known = ids.get(name)
    if (known !== undefined) return known
    const all = await routes()
    const found = all.find((route) => route.name === name)
    if (found) {
      ids.set(name, found.id)
      return found.id
    }
    throw new ScenarioError(
      `There is no route '${name}': there are ${all.map((route) => route.name).join(', ') || 'none'}.`,
      { code: 'ERR_NO_ROUTE' },
    )
  }

  /** Asks for a change and writes down what came of it, also where `prepare` does not find out what it is about. */
  const tell = async (what: string, prepare: () => Promise<Asked>): Promise<Change> => {
    if (!world)
      throw new ScenarioError(`Refused to ${what}: nothing records this operator.`, { code: 'ERR_NOT_RECORDED' })
    count += 1
    const told = { id: `change-${count}`, by: 'operator', what } as const
    const note = (stage: 'sent' | 'accepted' | 'refused' | 'unknown', because?: string): void =>
      world.recorder.record({ kind: 'change', at: world.clock.now(), ...told, stage, ...(because && { because }) })
    note('sent')
    const asked = await prepare().catch((error: Error) => error)
    const { outcome, because } = asked instanceof Error ? unasked(asked) : await outcomeOf(asked.ask)
    note(outcome, because)
    if (asked instanceof ScenarioError) throw asked
    return followChange(world, told, { mark: asked instanceof Error ? null : asked.mark, outcome })
  }

  return {
    routeId,
    async provision(upstream) {
      const existing = (await services()).find((each) => each.name === CALLED_SERVICE)
      const body = {
        name: CALLED_SERVICE,
        type: 'http',
        upstream: {
          name: 'default',
          scheme: 'http',
          type: 'roundrobin',
          nodes: [{ host: upstream.host, port: upstream.port, weight: 100 }],
        },
      }
      const made =
        existing ??
        (
          expectOk(await api.call('POST', `/apisix/admin/services?${GROUP}`, body), 'create the service').body as {
            value: Item
          }
        ).value
      if ((await routes()).some((route) => route.name === CALLED_ROUTE)) return
      const route = {
        name: CALLED_ROUTE,
        service_id: made.id,
        paths: ['/orders', '/orders/*'],
        desc: 'Orders, as the callers of a drill ask for them.',
      }
      expectOk(await api.call('POST', `/apisix/admin/routes?${GROUP}`, route), 'create the route')
    },
    async changeRoute(name, change) {
      refuseUnseen(name, change)
      const patch = [
        ...(change.description === undefined ? [] : [{ op: 'replace', path: '/desc', value: change.description }]),
        ...(change.answerHeader === undefined
          ? []
          : [
              {
                op: 'add',
                path: '/plugins',
                value: {
                  'response-rewrite': { headers: { set: { [change.answerHeader.name]: change.answerHeader.value } } },
                },
              },
            ]),
      ]
      const shown: Omit<Mark, 'routeId'> = {
        ...(change.description !== undefined && { description: change.description }),
        ...(change.answerHeader && { answerHeader: { ...change.answerHeader, path: CALLED_PATH } }),
      }
      return tell(`change route ${name}`, async () => {
        const id = await routeId(name)
        return {
          mark: { routeId: id, ...shown },
          ask: () => api.call('PATCH', `/apisix/admin/routes/${id}?${GROUP}`, patch),
        }
      })
    },
    async createRoute(name, path) {
      const id = name.replaceAll(/[^\w.-]/g, '-')
      if (!path.includes('*') && !path.startsWith(`/${CALLED_ROUTE}`)) paths.set(name, path)
      const desc = unique('created by a drill')
      return tell(`create route ${name}`, async () => {
        const body = { name, desc, service_id: (await calledService()).id, paths: [path] }
        return {
          mark: { routeId: id, description: desc },
          ask: () => api.call('PUT', `/apisix/admin/routes/${id}?${GROUP}`, body),
        }
      })
    },
    async writer() {
      const service = await calledService()
      const at = (route: string): string => `/apisix/admin/routes/${route}?${GROUP}`
      return (route, desc) =>
        desc === null
          ? api.call('DELETE', at(route))
          : api.call('PUT', at(route), { name: route, desc, service_id: service.id, paths: [`/${route}`] })
    },
    async descriptions() {
      return new Map((await routes()).map(({ id, desc = '' }) => [id, desc]))
    },
    async deleteRoute(name) {
      const change = await tell(`delete route ${name}`, async () => {
        const id = await routeId(name)
        const goneAt = paths.get(name)
        return {
          mark: { routeId: id, deleted: true, ...(goneAt !== undefined && { goneAt }) },
          ask: () => api.call('DELETE', `/apisix/admin/routes/${id}?${GROUP}`),
        }
      })
      // Whatever is made under its name next has an id of its own; one that may still be there keeps this one.
      if (change.outcome === 'accepted') ids.delete(name)
      return change
    },
  }
}
