// The Control API: this gateway's own view of the configuration it serves from, and of its upstreams' health, in APISIX's shapes.
import type { IncomingMessage, ServerResponse } from 'node:http'
import createRouter from 'find-my-way'
import type { Configuration } from './configuration.ts'
import type { Item } from './etcd-json.ts'
import { shownSchemas } from './object-check.ts'
import type { Routing } from './routing.ts'

export interface ControlParts {
  readonly configuration: Configuration
  readonly prefix: string
  readonly routing: Pick<Routing, 'upstreams'>
}

/** Lists and single items of routes, services and upstreams. `X-Config-Revision` tells how far this gateway has come. */
export function controlApi({
  configuration,
  prefix,
  routing,
}: ControlParts): (request: IncomingMessage, response: ServerResponse) => void {
  const answer = (response: ServerResponse, status: number, body: unknown): void => {
    const revision = String(configuration.revision() ?? 0)
    response.writeHead(status, { 'content-type': 'application/json', 'x-config-revision': revision })
    response.end(`${JSON.stringify(body)}\n`)
  }
  const router = createRouter({
    defaultRoute: (_request, response) => answer(response as ServerResponse, 404, { error_msg: '404 Not Found' }),
  })
  for (const kind of ['route', 'service', 'upstream']) {
    const directory = `${kind}s`
    router.on('GET', `/v1/${directory}`, (_request, response) => {
      answer(response as ServerResponse, 200, configuration.directory(directory).map(shown))
    })
    router.on('GET', `/v1/${kind}/:id`, (_request, response, { id }) => {
      const item = configuration.item(`${prefix}/${directory}/${id}`)
      if (item === undefined) return answer(response as ServerResponse, 404, { error_msg: `${kind} ${id} not found` })
      answer(response as ServerResponse, 200, shown(item))
    })
  }
  router.on('GET', '/v1/healthcheck', (_request, response) => {
    answer(response as ServerResponse, 200, healthOf(routing))
  })
  router.on('GET', '/v1/schema', (_request, response) => answer(response as ServerResponse, 200, shownSchemas()))
  return (request, response) => router.lookup(request, response)
}

function shown({ key, value, modifiedIndex, createdIndex }: Item): object {
  return { key, value, modifiedIndex, createdIndex }
}

/** Upstreams without checks are not listed, as in APISIX. */
function healthOf(routing: Pick<Routing, 'upstreams'>): readonly object[] {
  return routing
    .upstreams()
    .flatMap(({ owner, health }) =>
      health === undefined ? [] : [{ name: owner, type: health.type, nodes: health.nodes() }],
    )
}
