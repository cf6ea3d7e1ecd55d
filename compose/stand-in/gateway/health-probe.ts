// One active check of one node: a request or a connection, and the sign it gives.
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect } from 'node:net'
import type { Sign } from './node-health.ts'
import type { ActiveConfig } from './route.ts'

/** lua-resty-healthcheck's defaults, as schema_def.lua states them. */
const good = [200, 302]
const bad = [429, 404, 500, 501, 502, 503, 504, 505]

export interface Probed {
  readonly host: string
  readonly port: number
}

/** Undefined when the answer speaks neither for nor against the node. */
export async function probe(node: Probed, config: ActiveConfig): Promise<Sign | undefined> {
  const { type = 'http', timeout = 1, port = node.port } = config
  const signal = AbortSignal.timeout(timeout * 1000)
  try {
    if (type === 'tcp') return await connectionTo({ host: node.host, port }, signal)
    const status = await statusOf({ host: node.host, port }, config, signal)
    if ((config.healthy?.http_statuses ?? good).includes(status)) return 'success'
    return (config.unhealthy?.http_statuses ?? bad).includes(status) ? 'http_failure' : undefined
  } catch {
    return signal.aborted ? 'timeout_failure' : 'tcp_failure'
  }
}

function connectionTo({ host, port }: Probed, signal: AbortSignal): Promise<Sign> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.destroy()
      resolve('success')
    })
  })
}

function statusOf({ host, port }: Probed, config: ActiveConfig, signal: AbortSignal): Promise<number> {
  const request = config.type === 'https' ? requestHttps : requestHttp
  const headers = Object.fromEntries((config.req_headers ?? []).map(nameAndValue))
  const options = {
    host,
    port,
    path: config.http_path ?? '/',
    headers: { host: config.host ?? host, ...headers },
    agent: false,
    rejectUnauthorized: config.https_verify_certificate ?? true,
    signal,
  }
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      resolve(answer.statusCode ?? 0)
      asked.destroy()
    })
    asked.on('error', reject)
    asked.end()
  })
}

function nameAndValue(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
}
