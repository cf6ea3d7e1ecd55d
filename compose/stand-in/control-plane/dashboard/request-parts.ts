// Reading what a request carries, checked: its body's members, its query and its path.
import type { FastifyRequest } from 'fastify'
import type { Operator } from '../store.ts'
import { signedIn } from './credentials.ts'
import { RefusedError } from './refused.ts'

/** A member of the body that must be text. Throws RefusedError 400. */
export const textOf = (request: FastifyRequest, name: string): string => {
  const value = memberOf(request, name)
  if (typeof value === 'string' && value !== '') return value
  throw new RefusedError(400, `${name} is missing: expected text`)
}

/** A member of the body; undefined when it, or the body, is not there. */
export const memberOf = ({ body }: FastifyRequest, name: string): unknown =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined

/** The query's members as text; of a repeated one, the last. */
export const queryOf = ({ query }: FastifyRequest): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(query as Record<string, string | string[]>).map(([name, value]) => [name, [value].flat().at(-1)]),
  )

/** A parameter of the path. */
export const pathPartOf = ({ params }: FastifyRequest, name: string): string =>
  (params as Readonly<Record<string, string>>)[name] ?? ''

/** A member of the body that must be a list of text. Throws RefusedError 400. */
export const textsOf = (request: FastifyRequest, name: string): readonly string[] => {
  const value = memberOf(request, name)
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  throw new RefusedError(400, `${name}: expected a list of text`)
}

/** Whoever makes this call, for the audit log. */
export const operatorOf = (request: FastifyRequest, node: string): Operator => ({
  username: signedIn(request).username,
  ip: request.ip,
  node,
})
