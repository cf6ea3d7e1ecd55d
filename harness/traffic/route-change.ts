// What shall be different about a route, and how the Admin API is asked for it.

import { ScenarioError } from '../time/errors.ts'
import { CALLED_PATH, CALLED_ROUTE } from '../topology/called-route.ts'
import type { AdminAnswer } from './admin-api.ts'
import { type Mark, unique } from './change.ts'
import type { Published } from './published.ts'

/** What shall be different about a route. */
export interface RouteChange {
  readonly description?: string
  /** A header that every answer of the route `orders` carries from then on, which is the one that callers ask for: what they can see of a change. */
  readonly answerHeader?: { readonly name: string; readonly value: string }
}

/** The same change in words of its own: drawn once for all requests of an act, so that an earlier one which lands late shows it too. */
export const uniqueChange = ({ description, answerHeader }: RouteChange): RouteChange => ({
  ...(description !== undefined && { description: unique(description) }),
  ...(answerHeader && { answerHeader: { ...answerHeader, value: unique(answerHeader.value) } }),
})

/** Throws ScenarioError on a change of which nobody could say that it was there: of nothing, or of a header on a route that callers do not ask for. */
export const refuseUnseen = (name: string, { description, answerHeader }: RouteChange): void => {
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

/** What a gateway shows once it has the change. */
export const markOf = (routeId: string, { description, answerHeader }: RouteChange): Mark => ({
  routeId,
  ...(description !== undefined && { description }),
  ...(answerHeader && { answerHeader: { ...answerHeader, path: CALLED_PATH } }),
})

/** Asks for the change of a route. */
export const changeBy =
  ({ call }: Published) =>
  (routeId: string, change: RouteChange): Promise<AdminAnswer> =>
    call('PATCH', `routes/${routeId}`, jsonPatchOf(change))

/** By RFC 6902: every route has a description, and plugins perhaps not. */
const jsonPatchOf = (change: RouteChange): readonly object[] =>
  Object.entries(membersOf(change)).map(([name, value]) => ({
    op: name === 'desc' ? 'replace' : 'add',
    path: `/${name}`,
    value,
  }))

/** As the Admin API names what is different. */
const membersOf = ({ description, answerHeader }: RouteChange): Readonly<Record<string, unknown>> => ({
  ...(description !== undefined && { desc: description }),
  ...(answerHeader && {
    plugins: { 'response-rewrite': { headers: { set: { [answerHeader.name]: answerHeader.value } } } },
  }),
})
