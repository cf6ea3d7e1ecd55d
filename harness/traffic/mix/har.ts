// A HAR file: what a browser asked for, as a mix of requests on one origin, without what it showed of who it was.
import type { RequestOrder } from '../caller/protocol.ts'
import { CREDENTIAL, callsError, headerFault, type LeftOut, NOT_TO_SEND } from './mix.ts'

interface Named {
  readonly name: string
  readonly value: string
}

/** What was sent: its text, or the fields that it was made of (HAR 1.2 has either); `_file` where a recorder put it beside the recording. */
interface PostData {
  readonly mimeType?: string
  readonly text?: string
  readonly params?: readonly Partial<Named>[]
  readonly _file?: string
}

/** The part of HAR 1.2 that is read: http://www.softwareishard.com/blog/har-12-spec. */
interface Entry {
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers?: readonly Named[]
    readonly postData?: PostData
    /** -1 where nobody knows. */
    readonly bodySize?: number
  }
  readonly response: { readonly status: number }
}

/**
 * Its requests to the origin of the first entry, each with the status that was recorded and as often as it was made. Cookies and
 * other credentials are not sent: a recording is passed on more freely than it should be.
 */
export const harRequests = (
  file: string,
  entries: readonly unknown[],
): { readonly requests: readonly RequestOrder[]; readonly leftOut: readonly LeftOut[] } => {
  const requests = new Map<string, RequestOrder>()
  const leftOut = new Map<string, string>()
  let origin: string | null = null
  for (const [i, entry] of entries.entries()) {
    const { request, response, url } = entryOf(file, entry, i)
    origin ??= url.origin
    const what = `${request.method} ${url.origin === origin ? '' : url.origin}${url.pathname}`
    const because = whyNot(request, response.status, url.origin === origin)
    if (because !== null) {
      leftOut.set(what, because)
      continue
    }
    refuseUnsendable(file, request, `log.entries[${i}]`)
    const { headers, credentials } = headersOf(request, url)
    const query = queryOf(url)
    const body = bodyOf(request)
    for (const each of [...credentials, ...query.credentials])
      leftOut.set(each, 'it is a credential; a profile may hold it')
    const order: RequestOrder = {
      method: request.method,
      path: `${url.pathname}${query.search}`,
      headers,
      ...(body ? { body } : {}),
      // What a cache was asked for again may well be sent whole now.
      expectStatuses: response.status === 304 ? [200, 304] : [response.status],
      expectEcho: false,
      weight: 1,
    }
    const key = JSON.stringify(order)
    requests.set(key, { ...order, weight: (requests.get(key)?.weight ?? 0) + 1 })
  }
  return {
    requests: [...requests.values()],
    leftOut: [...leftOut].map(([what, because]) => ({ what, because })),
  }
}

const entryOf = (file: string, entry: unknown, i: number): Entry & { readonly url: URL } => {
  const { request, response } = (entry ?? {}) as Partial<Entry>
  const at = `log.entries[${i}]`
  const url = URL.parse(request?.url ?? '')
  if (!request || typeof request.method !== 'string' || !url)
    throw callsError(file, { at, expected: 'a request with a method and a whole URL', got: request?.method })
  if (typeof response?.status !== 'number')
    throw callsError(file, { at, expected: 'a response with a status', got: response?.status })
  return { request, response, url }
}

/** Throws ScenarioError ERR_CALLS where a request that is to be made could not be sent. */
const refuseUnsendable = (file: string, request: Entry['request'], at: string): void => {
  const { headers = [], postData } = request
  if (!Array.isArray(headers))
    throw callsError(file, { at: `${at}.request.headers`, expected: 'a list', got: typeof headers })
  const type = postData?.mimeType ? [{ name: 'content-type', value: postData.mimeType }] : []
  for (const header of [...(headers as unknown[]), ...type]) {
    const { name, value } = (header ?? {}) as Partial<Named>
    const fault = isLeftOut(name) ? null : headerFault(name, value)
    if (fault) throw callsError(file, { ...fault, at: `${at}, ${fault.at}` })
  }
  if (postData?.text && typeof postData.text !== 'string')
    throw callsError(file, { at: `${at}.request.postData.text`, expected: 'text', got: typeof postData.text })
  if (isForm(postData) && !postData.params.every(isField))
    throw callsError(file, { at: `${at}.request.postData.params`, expected: 'names and values', got: 'others' })
}

/** Fields that a form sends as text; those of other types may be whole files. */
const isForm = (postData: PostData | undefined): postData is PostData & Required<Pick<PostData, 'params'>> =>
  /^application\/x-www-form-urlencoded\b/i.test(postData?.mimeType ?? '') && hasFields(postData)

const hasFields = (postData: PostData | undefined): boolean =>
  Array.isArray(postData?.params) && postData.params.length > 0

const isField = (field: Partial<Named> | null): boolean =>
  typeof field?.name === 'string' && (field.value === undefined || typeof field.value === 'string')

const bodyOf = ({ postData }: Entry['request']): string | undefined => {
  if (postData?.text || !isForm(postData)) return postData?.text
  return new URLSearchParams(postData.params.map(({ name = '', value = '' }) => [name, value])).toString()
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const whyNot = (request: Entry['request'], status: number, isSameOrigin: boolean): string | null => {
  const { method, postData, bodySize = 0 } = request
  const isRecorded = !!postData?.text || isForm(postData)
  if (!isSameOrigin) return 'it goes to another origin than the first request'
  if (!METHODS.has(method)) return `nobody calls with ${method}`
  if ((method === 'GET' || method === 'HEAD') && isRecorded) return `${method} has no body`
  if (!isRecorded && (bodySize > 0 || hasFields(postData) || postData?._file)) return 'its body was not recorded'
  // Whoever expects an error is answered best by a deployment that is down, or lost its configuration.
  if (status < 200 || status >= 400) return `it was answered with ${status || 'nothing'}, which is no success`
  return null
}

/** Names of HTTP/2 that are no headers, and questions that only a browser's cache would ask. */
const BROWSERS_OWN = /^(?::|if-|host$)/

const isLeftOut = (name: unknown): boolean =>
  typeof name === 'string' &&
  (NOT_TO_SEND.has(name.toLowerCase()) || BROWSERS_OWN.test(name.toLowerCase()) || CREDENTIAL.test(name))

const headersOf = (
  { headers = [], postData }: Entry['request'],
  { host }: URL,
): { readonly headers: Readonly<Record<string, string>>; readonly credentials: readonly string[] } => {
  const named = headers.map(({ name, value }) => [name.toLowerCase(), value] as const)
  const sent = named.filter(([name]) => !isLeftOut(name))
  return {
    // Routes may tell hosts apart, and the recorded one is what they know.
    headers: {
      host,
      ...(postData?.mimeType ? { 'content-type': postData.mimeType } : {}),
      ...Object.fromEntries(sent),
    },
    credentials: named.flatMap(([name]) => (CREDENTIAL.test(name) ? [`header ${name}`] : [])),
  }
}

/** The query as it was written, but for credentials; these are told by name. */
const queryOf = ({ search }: URL): { readonly search: string; readonly credentials: readonly string[] } => {
  const pairs = search
    .slice(1)
    .split('&')
    .map((text) => ({ text, name: [...new URLSearchParams(text).keys()][0] ?? '' }))
  const sent = pairs.flatMap(({ text, name }) => (CREDENTIAL.test(name) ? [] : [text])).join('&')
  return {
    search: sent && `?${sent}`,
    credentials: pairs.flatMap(({ name }) => (CREDENTIAL.test(name) ? [`query ${name}`] : [])),
  }
}
