// What a caller is told when a call goes wrong: a status, and an error_msg or a page.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { DatabaseAwayError, OutcomeUnknownError } from '../database.ts'
import { errorPage } from './pages/error-page.ts'
import { RefusedError } from './refused.ts'

/** A status and a sentence for the caller. */
interface Told {
  readonly status: number
  readonly message: string
}

/** Answers a failed call in the form its caller reads: JSON for the API, a page for a browser. */
export const answerError = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply => {
  const { status, message } = whatToTell(error)
  if (status >= 500) log.error({ path: request.url.split('?', 1)[0], status, why: reasonOf(error) }, 'call failed')
  if (isApi(request)) return reply.code(status).send({ error_msg: message })
  return reply.code(status).type('text/html').send(errorPage(status, message))
}

const whatToTell = (error: unknown): Told => {
  if (error instanceof RefusedError) return { status: error.statusCode, message: error.message }
  if (error instanceof DatabaseAwayError) return { status: 503, message: error.message }
  // Not 503: a balancer that repeats calls answered 503 must not repeat one that may have been done.
  if (error instanceof OutcomeUnknownError) return { status: 500, message: error.message }
  if (isCallersFault(error)) return { status: error.statusCode === 404 ? 404 : 400, message: error.message }
  return { status: 500, message: 'something went wrong inside; the log of this node says what' }
}

/** fastify's own refusals: JSON that does not parse, a body too long. */
const isCallersFault = (error: unknown): error is Error & { readonly statusCode: number } =>
  error instanceof Error &&
  'statusCode' in error &&
  typeof error.statusCode === 'number' &&
  error.statusCode >= 400 &&
  error.statusCode < 500

const isApi = ({ url }: FastifyRequest): boolean => /^\/(api|apisix\/admin)(\/|\?|$)/.test(url)

/** The innermost reason, never more than its message: an error of pg's may hold the whole connection. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return reasonOf(error.cause)
  return `${error.name}: ${error.message}`
}
