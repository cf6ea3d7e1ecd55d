// The mix of requests that callers draw from, whatever kind of file it was read from, and what of it is secret.
import { ScenarioError } from '../../time/errors.ts'
import type { RequestOrder } from '../caller/protocol.ts'

/** Something the file holds that callers will not ask for, and why. */
export interface LeftOut {
  readonly what: string
  readonly because: string
}

export interface Mix {
  /** 'profile', 'HAR', 'OpenAPI'. */
  readonly kind: string
  /** The file's own name, without its folder. */
  readonly name: string
  readonly requests: readonly RequestOrder[]
  readonly leftOut: readonly LeftOut[]
}

/** 'the profile orders.calls.json, 4 requests'. */
export const sayMix = ({ kind, name, requests }: Mix): string =>
  `the ${kind === 'profile' ? kind : `${kind} file`} ${name}, ${requests.length} ${requests.length === 1 ? 'request' : 'requests'}`

/** More kinds of requests than this are no mix: at 200 calls/s each would be made less than once a second. */
export const MOST_REQUESTS = 200

/** What is wrong with a file: its place in it, what was expected, and what it has instead. */
export interface Fault {
  readonly at: string
  readonly expected: string
  readonly got: unknown
}

/** `at: expected …, got …` of a file that callers were to draw from. */
export const callsError = (file: string, { at, expected, got }: Fault): ScenarioError =>
  new ScenarioError(`--calls ${file}: ${at}: expected ${expected}, got ${said(got)}.`, { code: 'ERR_CALLS' })

const LONGEST_SAID = 80

const said = (got: unknown): string => {
  if (got === undefined) return 'nothing'
  const text = JSON.stringify(got)
  return text.length > LONGEST_SAID ? `${text.slice(0, LONGEST_SAID)}…` : text
}

/** What a value is, without what it holds: it may be a secret. */
export const kindOf = (value: unknown): string | undefined => {
  if (value === undefined) return undefined
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}

/** A path without what may be a secret: its query, its fragment, and who asks where it is a whole URL. */
export const pathAlone = (path: string): string =>
  (path.split(/[?#]/)[0] ?? '').replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/]*@/i, '$1//')

/**
 * Names of headers and of a query's values that say who asks; what they hold opens doors. The long words are taken for what they are behind
 * anything, as in `accessToken`, which HTTP/2 writes `accesstoken`; the short ones also end others, as in `obsession`.
 */
export const CREDENTIAL =
  /^(?:(?:set-)?cookie2?|(?:(?:.*[-_])?(?:auth|session|sig)|.*(?:authorization|(?:api|subscription|functions)[-_]?key|tokens?|secrets?|passw(?:or)?d|pwd|sess(?:ion)?[-_]?id|signature|credentials?|jwt|csrf|xsrf))(?:[-_]?(?:id|token))?)$/i

/** Headers that belong to one connection (RFC 9110 §7.6.1), are worked out from the body, or are ours. */
export const NOT_TO_SEND = new Set(
  'connection keep-alive proxy-connection te trailer transfer-encoding upgrade content-length expect x-request-id'.split(
    ' ',
  ),
)

/**
 * What is wrong with a header that callers would send; null where nothing is. Its value is never told: it may be a secret, also where
 * somebody wrote it into the name.
 */
export const headerFault = (name: unknown, value: unknown): Fault | null => {
  if (typeof name !== 'string')
    return { at: `header ${kindOf(name)}`, expected: 'a name without blanks', got: kindOf(name) }
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    const told = name.replace(/(?<=.)[:=].*/s, '…')
    return { at: `header ${told}`, expected: 'a name without blanks', got: told }
  }
  if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    return { at: `header ${name}`, expected: 'text on one line', got: typeof value }
  return null
}

/** A path that can be sent as it is. */
export const isPath = (path: string): boolean => /^\/[\x21-\x7e]*$/.test(path) && !path.includes('#')

/** Every value in a mix that opens doors: no log that is saved may show it. */
export const secretsIn = ({ requests }: Mix): readonly string[] => [
  ...new Set(
    requests.flatMap(({ path, headers }) =>
      [...queryIn(path), ...Object.entries(headers)].flatMap(([name, value]) =>
        CREDENTIAL.test(name) ? partsOf(value) : [],
      ),
    ),
  ),
]

/** Each value twice: as it reads, and as it is written, which is what a log shows. */
const queryIn = (path: string): readonly (readonly [name: string, value: string])[] =>
  (/\?(.*)/s.exec(path)?.[1] ?? '').split('&').flatMap((pair) => {
    const written = pair.slice(pair.indexOf('=') + 1)
    return [...new URLSearchParams(pair)].flatMap(([name, value]) => [[name, value] as const, [name, written] as const])
  })

/** Parts this short are words, as a cookie's Path or `Bearer`. */
const SHORTEST_PART = 8

/** 'Bearer abc' and 'a=abc; b=def' whole and in parts, since who logs one may log the other. */
const partsOf = (value: string): readonly string[] => [
  value,
  ...value.split(/[\s;,]+|(?<=\w)=(?=.)/).filter((part) => part.length >= SHORTEST_PART),
]
