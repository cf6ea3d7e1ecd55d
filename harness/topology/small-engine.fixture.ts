// An engine of a few containers for tests: it answers what is asked of them, and nothing runs on it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the engine says of a container when it is inspected; its labels are what it is listed with. */
export interface SmallContainer {
  readonly Id: string
  readonly Name: string
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly Image: string }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> }
  readonly HostConfig: { readonly PortBindings: Readonly<Record<string, readonly { readonly HostPort: string }[]>> }
}

/** Puts itself into DOCKER_HOST. One a test file: the client is made once. What is in `containers` may be changed at any time. */
export const startSmallEngine = async (containers: SmallContainer[] = []) => {
  const answers = (path: string): unknown => {
    if (path.endsWith('/containers/json')) return containers.map(({ Id, Config: { Labels } }) => ({ Id, Labels }))
    const inspected = /\/containers\/([^/]+)\/json$/.exec(path)?.[1]
    if (inspected !== undefined) return containers.find(({ Id }) => Id === inspected)
    if (path.endsWith('/networks') || path.endsWith('/images/json')) return []
    if (path.endsWith('/volumes')) return { Volumes: [] }
    return path.endsWith('/version') ? { Version: '27.1.0', ApiVersion: '1.46' } : undefined
  }
  const server = createServer(({ url = '' }, response) => {
    const answer = answers(url.split('?')[0] ?? '')
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const before = process.env.DOCKER_HOST
  process.env.DOCKER_HOST = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    end: (): void => {
      if (before === undefined) delete process.env.DOCKER_HOST
      else process.env.DOCKER_HOST = before
      server.closeAllConnections()
      server.close()
    },
  }
}
