// A profile: the requests that callers make, as their author wrote them down.
//
//   [
//     { "method": "GET", "path": "/orders/42", "expect": { "status": 200, "echo": true }, "weight": 3 },
//     { "method": "POST", "path": "/orders", "body": { "item": 7 }, "expect": { "status": [200, 201] } }
//   ]
import type { RequestOrder } from '../caller/protocol.ts'
import { callsError, type Fault, headerFault, isPath, kindOf, NOT_TO_SEND, pathAlone } from './mix.ts'

type Fields = Readonly<Record<string, unknown>>

const FIELDS = ['method', 'path', 'headers', 'body', 'expect', 'weight']
const EXPECTED = ['status', 'body', 'echo']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const HEAVIEST = 1000

/** The requests of a profile. Throws ScenarioError ERR_CALLS on the first thing that cannot be meant. */
export const profileRequests = (file: string, entries: readonly unknown[]): readonly RequestOrder[] =>
  entries.map((entry, i) => {
    const wrong = (fault: Fault): never => {
      const { method, path } = (entry ?? {}) as Fields
      const named = typeof path === 'string' ? ` (${method ?? 'GET'} ${pathAlone(path)})` : ''
      throw callsError(file, { ...fault, at: `entry ${i + 1}${named}${fault.at && `, ${fault.at}`}` })
    }
    return requestOf(entry, wrong)
  })

type Wrong = (fault: Fault) => never

const requestOf = (entry: unknown, wrong: Wrong): RequestOrder => {
  const { method = 'GET', path, headers = {}, body, expect = {}, weight = 1 } = fieldsOf(entry, FIELDS, '', wrong)
  if (typeof method !== 'string' || !METHODS.includes(method))
    return wrong({ at: 'method', expected: `one of ${METHODS.join(', ')}`, got: method })
  if (typeof path !== 'string' || !isPath(path))
    return wrong({
      at: 'path',
      expected: "a path as it is sent, from '/' on, its odd characters encoded",
      got: typeof path === 'string' ? pathAlone(path) : kindOf(path),
    })
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    return wrong({ at: 'body', expected: `none with ${method}`, got: kindOf(body) })
  if (typeof weight !== 'number' || !Number.isInteger(weight) || weight < 1 || weight > HEAVIEST)
    return wrong({ at: 'weight', expected: `a whole number from 1 to ${HEAVIEST}`, got: weight })
  const isText = body === undefined || typeof body === 'string'
  return {
    method,
    path,
    headers: { ...(isText ? {} : { 'content-type': 'application/json' }), ...headersOf(headers, wrong) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...expectationOf(expect, method, wrong),
    weight,
  }
}

const fieldsOf = (value: unknown, known: readonly string[], at: string, wrong: Wrong): Fields => {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return wrong({ at, expected: `an object with ${known.join(', ')}`, got: kindOf(value) })
  const odd = Object.keys(value).find((key) => !known.includes(key))
  if (odd !== undefined) return wrong({ at, expected: `nothing but ${known.join(', ')}`, got: odd })
  return value as Fields
}

const headersOf = (headers: unknown, wrong: Wrong): Readonly<Record<string, string>> => {
  if (headers === null || typeof headers !== 'object' || Array.isArray(headers))
    return wrong({ at: 'headers', expected: 'an object of names and values', got: kindOf(headers) })
  const entries = Object.entries(headers as Readonly<Record<string, string>>).map(([name, value]): [string, string] => {
    const fault = headerFault(name, value)
    if (fault) return wrong(fault)
    if (NOT_TO_SEND.has(name.toLowerCase()))
      return wrong({
        at: `header ${name}`,
        expected: 'it left out, since the connection or the caller sets it',
        got: name,
      })
    return [name.toLowerCase(), value]
  })
  return Object.fromEntries(entries)
}

type Expectation = Pick<RequestOrder, 'expectStatuses' | 'expectBody' | 'expectEcho'>

const expectationOf = (expect: unknown, method: string, wrong: Wrong): Expectation => {
  const { status = 200, body, echo = false } = fieldsOf(expect, EXPECTED, 'expect', wrong)
  const statuses: readonly unknown[] = Array.isArray(status) ? status : [status]
  const isStatus = (each: unknown): each is number =>
    typeof each === 'number' && Number.isInteger(each) && each >= 200 && each < 500
  // A call that expects a failure would be answered best by a deployment that is down.
  if (statuses.length === 0 || !statuses.every(isStatus))
    return wrong({ at: 'expect.status', expected: 'a status from 200 to 499, or a list of them', got: status })
  if (body !== undefined && (typeof body !== 'string' || body === ''))
    return wrong({ at: 'expect.body', expected: 'a text that the body holds', got: body === '' ? '' : kindOf(body) })
  if (typeof echo !== 'boolean' || (echo && body !== undefined))
    return wrong({ at: 'expect.echo', expected: 'true or false, and true only without expect.body', got: echo })
  if (method === 'HEAD' && (echo || body !== undefined))
    return wrong({ at: 'expect', expected: 'no body in the answer to HEAD', got: Object.keys(expect as Fields) })
  return { expectStatuses: statuses, ...(body === undefined ? {} : { expectBody: body }), expectEcho: echo }
}
