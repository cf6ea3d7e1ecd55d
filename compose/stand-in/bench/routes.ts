// How long the gateway takes over many routes: to load them, to change one of them, and to find one.
import { pino } from 'pino'
import { emptyConfiguration } from '../gateway/configuration.ts'
import type { Item } from '../gateway/etcd-json.ts'
import { objectCheck } from '../gateway/object-check.ts'
import { openRouting } from '../gateway/routing.ts'

export interface Measured {
  readonly what: string
  readonly tookMs: number
  /** Processor time of this process meanwhile, all threads: what it took, without what others took from it. */
  readonly processorMs: number
  readonly demandedMs: number
}

const prefix = '/apisix'

/** Every route has its own upstream and belongs to one of a hundred services, as in a large installation. */
export function manyRoutes(count: number): readonly Item[] {
  const services = Array.from({ length: 100 }, (_, index) =>
    item(`services/s${index}`, {
      name: `s${index}`,
      plugins: { 'response-rewrite': { headers: { set: { 'X-A': '1' } } } },
    }),
  )
  const routes = Array.from({ length: count }, (_, index) =>
    item(`routes/r${index}`, {
      uris: [`/api/${index}/*`, `/api/${index}`],
      service_id: `s${index % 100}`,
      upstream: {
        type: 'roundrobin',
        nodes: { [`10.0.${index % 250}.${1 + (index % 200)}:80`]: 1 },
        retries: index % 3,
      },
    }),
  )
  return [...services, ...routes]
}

export async function measureRoutes(count: number): Promise<readonly Measured[]> {
  const log = pino({ level: 'silent' })
  const configuration = emptyConfiguration(prefix, objectCheck({ prefix, log }).accepts)
  const routing = openRouting(configuration, { prefix, log })
  const items = manyRoutes(count)
  const measured = [
    time(`${count} routes loaded`, 2_000, () => {
      configuration.replace({ revision: 1, items, unreadable: [] })
      routing.refresh()
    }),
    time(`one change among ${count} routes`, 100, () => {
      const changed = item('routes/r77', {
        uri: '/changed',
        upstream: { type: 'roundrobin', nodes: { '10.0.0.1:80': 1 } },
      })
      configuration.apply([{ kind: 'put', item: changed }])
      routing.refresh()
    }),
    time(`1,000 look-ups among ${count} routes`, 100, () => {
      for (let index = 0; index < 1_000; index += 1) find(routing, `/api/${index * 7}/orders`)
    }),
  ]
  if (find(routing, '/changed') !== 'r77') throw new Error('the changed route is not found at its new path')
  await routing.close()
  return measured
}

function find(routing: ReturnType<typeof openRouting>, path: string): string | undefined {
  return routing.find({ path, host: 'any.example', method: 'GET' })?.target.id
}

function time(what: string, demandedMs: number, act: () => void): Measured {
  const usedBefore = process.cpuUsage()
  const beganAt = performance.now()
  act()
  const tookMs = performance.now() - beganAt
  const { user, system } = process.cpuUsage(usedBefore)
  return { what, tookMs, processorMs: (user + system) / 1000, demandedMs }
}

function item(name: string, value: object): Item {
  return { key: `${prefix}/${name}`, value, modifiedIndex: 1, createdIndex: 1 }
}
