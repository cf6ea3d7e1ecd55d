// An engine of a few containers, networks and volumes for tests: it answers what is asked of them, and nothing runs on it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** What the engine says of a container when it is inspected; its labels are what it is listed with. */
export interface SmallContainer {
  readonly Id: string
  readonly Name: string
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly Image: string }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> }
  readonly HostConfig: { readonly PortBindings: Readonly<Record<string, readonly { readonly HostPort: string }[]>> }
  /** What it wrote, as the engine sends it; where it is absent the engine has no log of it. */
  readonly log?: Buffer
}

export interface SmallVolume {
  readonly Name: string
  readonly Labels: Readonly<Record<string, string>>
}

export interface SmallNetwork extends SmallVolume {
  readonly Id: string
  readonly IPAM?: { readonly Config: readonly { readonly Subnet: string }[] }
}

/** Those with every label that is asked for, by its name or as `name=value`. */
const withLabels = <T>(
  all: readonly T[],
  labelsOf: (each: T) => SmallVolume['Labels'],
  filters: string | null,
): T[] => {
  const { label = [] } = JSON.parse(filters ?? '{}') as { readonly label?: readonly string[] }
  const has = (each: T, asked: string): boolean =>
    Object.entries(labelsOf(each)).some(([name, value]) => asked === name || asked === `${name}=${value}`)
  return all.filter((each) => label.every((asked) => has(each, asked)))
}

/** Takes out what it is; undefined where nothing is. */
const taken = <T>(from: T[], isIt: (each: T) => boolean): object | undefined => {
  const at = from.findIndex(isIt)
  return at < 0 ? undefined : { taken: from.splice(at, 1) }
}

/** Puts itself into DOCKER_HOST. One a test file: the client is made once. What it is given may be changed at any time. */
export const startSmallEngine = async (
  containers: SmallContainer[] = [],
  volumes: SmallVolume[] = [],
  networks: SmallNetwork[] = [],
) => {
  const removed = (path: string): object | undefined => {
    const name = path.split('/').at(-1)
    if (path.includes('/volumes/')) return taken(volumes, ({ Name }) => Name === name)
    return path.includes('/networks/')
      ? taken(networks, ({ Id }) => Id === name)
      : taken(containers, ({ Id }) => Id === name)
  }
  const answers = (path: string, filters: string | null): unknown => {
    if (path.endsWith('/containers/json'))
      return withLabels(containers, ({ Config }) => Config.Labels, filters).map(({ Id, Config: { Labels } }) => ({
        Id,
        Labels,
      }))
    const inspected = /\/containers\/([^/]+)\/json$/.exec(path)?.[1]
    if (inspected !== undefined) return containers.find(({ Id }) => Id === inspected)
    if (path.endsWith('/networks')) return withLabels(networks, ({ Labels }) => Labels, filters)
    if (path.endsWith('/images/json')) return []
    if (path.endsWith('/volumes')) return { Volumes: withLabels(volumes, ({ Labels }) => Labels, filters) }
    if (path.endsWith('/info')) return { NCPU: 8, MemTotal: 16 * 1024 ** 3, DockerRootDir: '/nowhere' }
    return path.endsWith('/version') ? { Version: '27.1.0', ApiVersion: '1.46' } : undefined
  }
  const server = createServer(async (request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://engine')
    const written = /\/containers\/([^/]+)\/logs$/.exec(path)?.[1]
    const log = containers.find(({ Id }) => Id === written)?.log
    if (log) return void response.end(log)
    const isVolume = path.endsWith('/volumes/create')
    if (isVolume) volumes.push((await json(request)) as SmallVolume)
    const said = request.method === 'DELETE' ? removed(path) : answers(path, searchParams.get('filters'))
    const answer = isVolume ? {} : said
    const done = request.method === 'DELETE' ? 204 : 200
    response.writeHead(answer === undefined ? 404 : done, { 'content-type': 'application/json' })
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
