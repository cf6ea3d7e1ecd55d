// A Patroni pair in memory: two members, one of which leads, on a clock that moves by one ms with whatever happens.
import type { ServerLook } from '../topology/haproxy.ts'
import type { Node } from '../topology/topology.ts'
import type { DatabaseWorld } from './leadership.ts'
import type { Exchange } from './runtime.ts'

const memberAt = (name: string, address: string): Node => ({
  name,
  role: 'database',
  zone: 'a',
  containers: [{ id: name, name, service: name, address, image: 'i', ports: { patroni: { inside: 8008 } } }],
})

export const first = memberAt('database-1', '10.99.0.51')
export const second = memberAt('database-2', '10.99.0.52')

const MEMBERS = [first, second]

/** How the pair stands, for a test to change. `second` is in sync with `first`, which leads on timeline 1. */
export interface Standing {
  leader: string
  timeline: number
  isInSync: boolean
  /** The standby that Patroni names as the synchronous one receives nothing. */
  isTorn: boolean
  /** Patroni says yes, and nothing comes of it. */
  isDeaf: boolean
  /** The balancer stays with the member that it trusted first. */
  isBalancerFixed: boolean
  /** Members that give no answer. */
  readonly silent: Set<string>
}

export const patroniInMemory = (): { readonly world: DatabaseWorld; readonly standing: Standing } => {
  const standing: Standing = {
    leader: 'database-1',
    timeline: 1,
    isInSync: true,
    isTorn: false,
    isDeaf: false,
    isBalancerFixed: false,
    silent: new Set(),
  }
  let nowMs = 1000
  const tick = (): number => {
    nowMs += 1
    return nowMs
  }
  const primarySays = (name: string) => {
    const { leader, timeline, isInSync, isTorn } = standing
    const leads = name === leader
    const replication = leads && isInSync && !isTorn ? [{ state: 'streaming', sync_state: 'sync' }] : []
    const said = { state: 'running', timeline, replication, sync_standby: !leads && isInSync }
    return { status: leads ? 200 : 503, body: JSON.stringify({ ...said, role: leads ? 'master' : 'replica' }) }
  }
  const handOver = (asked: string, body: string) => {
    const { leader, candidate } = JSON.parse(body) as { leader: string; candidate: string }
    if (leader !== standing.leader || asked !== leader) return { status: 412, body: 'leader name does not match' }
    if (!standing.isDeaf) {
      standing.leader = candidate
      standing.timeline += 1
    }
    return { status: 200, body: `Successfully switched over to "${candidate}"` }
  }
  const exchange: Exchange = async (url, { method = 'GET', body = '' }) => {
    const { hostname, pathname } = new URL(url)
    const name = MEMBERS.find(({ containers: [only] }) => only?.address === hostname)?.name ?? ''
    const [from, to] = [tick(), tick()]
    if (standing.silent.has(name)) return { ok: false, status: 0, body: '', error: 'no answer in time', from, to }
    const isAsked = method === 'POST' && pathname === '/switchover'
    return { ok: true, ...(isAsked ? handOver(name, body) : primarySays(name)), from, to }
  }
  const servers = async (): Promise<readonly ServerLook[]> =>
    MEMBERS.map(({ name }) => {
      const trusted = standing.isBalancerFixed ? 'database-1' : standing.leader
      return { backend: 'primary', node: name, state: name === trusted ? 'in' : 'standby' }
    })
  const world: DatabaseWorld = {
    members: MEMBERS,
    exchange,
    servers,
    clock: { now: () => nowMs },
    runtime: {
      execute: async (name) => {
        tick()
        const output = name === standing.leader ? `false ${standing.timeline}\n` : 'true 0\n'
        return { exitCode: standing.silent.has(name) ? 2 : 0, output }
      },
    },
    attestLimitMs: 50,
  }
  return { world, standing }
}
