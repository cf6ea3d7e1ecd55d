// page and page_size, as every list of the Admin API takes them.
import { RefusedError } from './refused.ts'

export interface Page {
  readonly limit: number
  readonly offset: number
}

const DEFAULT_SIZE = 10
const LARGEST_SIZE = 500

/** The page a query asks for: the first ten when it does not say. Throws RefusedError 400. */
export const pageOf = (query: Readonly<Record<string, string | undefined>>): Page => {
  const limit = atLeastOne('page_size', query.page_size, DEFAULT_SIZE)
  if (limit > LARGEST_SIZE) throw new RefusedError(400, `page_size is ${limit}: at most ${LARGEST_SIZE}`)
  return { limit, offset: (atLeastOne('page', query.page, 1) - 1) * limit }
}

const atLeastOne = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1 && value <= 1_000_000) return value
  throw new RefusedError(400, `${name} is '${text}': expected a whole number from 1`)
}
