// Reads the file that callers draw their requests from: a profile, a HAR file or an OpenAPI description.
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { ScenarioError } from '../../time/errors.ts'
import { yamlIn } from '../../topology/yaml.ts'
import { harRequests } from './har.ts'
import { callsError, type Mix, MOST_REQUESTS } from './mix.ts'
import { openapiRequests } from './openapi.ts'
import { profileRequests } from './profile.ts'

const LARGEST_BYTES = 64 * 1024 * 1024

/** The mix in a file, JSON or YAML; what kind it is shows in what it holds. Throws ScenarioError ERR_CALLS when nobody can call by it. */
export const readMix = async (file: string): Promise<Mix> => {
  const value = parsed(file, await textOf(file))
  const { kind, requests, leftOut } = mixIn(file, value)
  if (requests.length === 0 || requests.length > MOST_REQUESTS) {
    const [first] = leftOut
    const because = first ? ` (${first.what} was left out: ${first.because})` : ''
    throw callsError(file, {
      at: kind,
      expected: `1 to ${MOST_REQUESTS} requests to make${because}`,
      got: requests.length,
    })
  }
  return { kind, name: basename(file), requests, leftOut }
}

const textOf = async (file: string): Promise<string> => {
  try {
    const { size } = await stat(file)
    // Tools for Windows begin a file with a byte order mark, which no parser takes for a blank.
    if (size <= LARGEST_BYTES) return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
    throw callsError(file, { at: 'its size', expected: `at most ${LARGEST_BYTES} bytes`, got: size })
  } catch (cause) {
    if (cause instanceof ScenarioError) throw cause
    throw new ScenarioError(`--calls ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      code: 'ERR_CALLS',
      cause,
    })
  }
}

const parsed = (file: string, text: string): unknown => {
  try {
    return /^\s*[[{]/.test(text) ? JSON.parse(text) : yamlIn(text)
  } catch (cause) {
    // The parser would quote the text, which may hold secrets: where it stopped is all that is said.
    const place = /line \d+,? column \d+/.exec((cause as Error).message)?.[0]
    const where = place === undefined ? '' : ` (${place})`
    throw new ScenarioError(`--calls ${file} is neither JSON nor YAML${where}.`, { code: 'ERR_CALLS', cause })
  }
}

const mixIn = (file: string, value: unknown): Pick<Mix, 'kind' | 'requests' | 'leftOut'> => {
  if (Array.isArray(value)) return { kind: 'profile', requests: profileRequests(file, value), leftOut: [] }
  const { log, openapi, swagger } = (value ?? {}) as Readonly<Record<string, unknown>>
  const entries = (log as { readonly entries?: unknown } | undefined)?.entries
  if (Array.isArray(entries)) return { kind: 'HAR', ...harRequests(file, entries) }
  if (typeof openapi === 'string' && openapi.startsWith('3.'))
    return { kind: 'OpenAPI', ...openapiRequests(file, value) }
  throw callsError(file, {
    at: 'its kind',
    expected: 'a profile (a list), a HAR file (log.entries) or an OpenAPI 3 description (openapi: 3.…)',
    got: swagger === undefined ? Object.keys(value ?? {}) : `swagger ${swagger}`,
  })
}
