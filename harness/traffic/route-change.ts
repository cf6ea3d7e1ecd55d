// What shall be different about a route, and how the Admin API is asked for it.

import { ScenarioError } from '../time/errors.ts'
import { CALLED_PATH, CALLED_ROUTE } from '../topology/called-route.ts'
import { type AdminAnswer, outcomeOfStatus } from './admin-api.ts'
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

/**
 * Asks for the change of a route: by JSON Patch, as the vendor's Admin API takes it today; where that is refused with 400, as that of 3.2 may, the
 * route is written back with what is different in it, and from then on at once. Resolves with what the last of these requests was answered.
 */
export const changeBy = ({ call }: Published): ((routeId: string, change: RouteChange) => Promise<AdminAnswer>) => {
  let takesPatch = true
  return async (routeId, change) => {
    const path = `routes/${routeId}`
    const patched = takesPatch ? await call('PATCH', path, jsonPatchOf(change)) : null
    if (patched !== null && patched.status !== 400) return patched
    const read = await call('GET', path)
    if (read.status !== 200) return read
    const written = await call('PUT', path, { ...writableOf(read), ...membersOf(change) })
    if (outcomeOfStatus(written.status) === 'accepted') takesPatch = false
    return written
  }
}

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

/** What the Admin API adds to a route, and may not take back. */
const READ_ONLY = ['id', 'route_id', 'gateway_group_id', 'created_at', 'updated_at']

/** The route of an answer, as whoever wrote it would write it. */
const writableOf = ({ body }: AdminAnswer): object =>
  Object.fromEntries(
    Object.entries((body as { readonly value: object }).value).filter(([name]) => !READ_ONLY.includes(name)),
  )
