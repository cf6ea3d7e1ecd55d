// Finds the route for a request, and refuses requests whose bounds or target two servers could read differently.
import type { IncomingMessage } from 'node:http'
import { matchedPath, originForm } from './asked-path.ts'
import type { Match } from './path-table.ts'
import type { Routing } from './routing.ts'
import type { ServedRoute } from './served-route.ts'

export interface RoutedCall {
  /** The status to refuse the request with, or undefined. */
  readonly refusal: number | undefined
  /** As the caller wrote it, with its query. */
  readonly path: string
  readonly method: string
  readonly match: Match<ServedRoute> | undefined
}

export function routedCall(request: IncomingMessage, routing: Routing): RoutedCall {
  const path = originForm(request.url ?? '/')
  const method = request.method ?? 'GET'
  const matched = matchedPath(path)
  const refusal = matched === undefined || hasTwoHosts(request.rawHeaders) ? 400 : codingRefusal(request)
  if (refusal !== undefined || matched === undefined) return { refusal, path, method, match: undefined }
  const match = routing.find({ path: matched, host: request.headers.host ?? '', method })
  return { refusal: undefined, path, method, match }
}

/** nginx refuses a second Host: the gateway would route by one of them and the upstream might obey the other. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts > 1
}

/** Only chunked is undone here, so a body that is coded otherwise too would arrive as something else. */
function codingRefusal({ headers }: IncomingMessage): number | undefined {
  const coding = headers['transfer-encoding']
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : 501
}
