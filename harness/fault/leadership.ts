// The witnesses of who leads the database: its members, asked from another container, PostgreSQL itself, and the balancers.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../history/event.ts'
import type { Clock } from '../time/clock.ts'
import type { ServerLook } from '../topology/haproxy.ts'
import { type DatabaseMember, lookAtMembers } from '../topology/replication.ts'
import { type Node, PRIMARY_BACKEND } from '../topology/topology.ts'
import type { Exchange, Runtime } from './runtime.ts'
import { ATTEST_LIMIT_MS, type Sighting } from './sighting.ts'

/** What faults of the database work with. */
export interface DatabaseWorld {
  /** The nodes that Patroni keeps. */
  readonly members: readonly Node[]
  readonly exchange: Exchange
  readonly runtime: Pick<Runtime, 'execute'>
  readonly clock: Clock
  /** Every balancer's opinion, afresh. */
  servers(): Promise<readonly ServerLook[]>
  /** How long witnesses go on looking once the injector says it is done; 5 s by default. */
  readonly attestLimitMs?: number
}

/** Who takes writes, and on which timeline: every promotion begins a higher one. */
export interface Lead {
  readonly leader: string
  readonly timeline: number
}

/** Each look costs every member a query: so soon after another it says nothing new. */
const NEXT_LOOK_MS = 20

/** The one member that holds the leader key and takes writes; null where there is none, or more than one. */
export const leadIn = (members: readonly DatabaseMember[]): Lead | null => {
  const [found, second] = members.filter((member) => member.leads)
  if (!found?.takesWrites || found.timeline === null || second) return null
  return { leader: found.name, timeline: found.timeline }
}

/** 'database-1 leads, on timeline 2; database-2 does not'. */
export const sayLeads = (members: readonly DatabaseMember[]): string =>
  members
    .map(({ name, leads, takesWrites, timeline, because }) => {
      if (leads === null) return `${name} does not say (${because})`
      if (!leads) return `${name} does not lead`
      return takesWrites ? `${name} leads, on timeline ${timeline}` : `${name} leads, and takes no writes`
    })
    .join('; ')

/** One look at every member. */
export const lookAtDatabase = ({ members, exchange }: DatabaseWorld): Promise<readonly DatabaseMember[]> =>
  lookAtMembers(members, exchange)

/** What the members said once it was so. */
export interface MembersSighting extends Sighting {
  readonly members: readonly DatabaseMember[]
}

/** Looks at the members until it is so. Null when `limit` aborts first. */
export const watchMembers = async (
  world: DatabaseWorld,
  isSo: (members: readonly DatabaseMember[]) => boolean,
  limit: AbortSignal,
): Promise<MembersSighting | null> => {
  let lastContrary: number | null = null
  while (!limit.aborted) {
    const from = world.clock.now()
    const members = await lookAtDatabase(world)
    const at = world.clock.now()
    if (isSo(members)) return { evidence: membersSaid(members, true, at), bounds: [lastContrary ?? from, at], members }
    lastContrary = from
    await pause(NEXT_LOOK_MS, undefined, { signal: limit }).catch(() => {})
  }
  return null
}

/** The members' own words, as a sign of the whole fault: none of them says it alone. */
export const membersSaid = (members: readonly DatabaseMember[], confirms: boolean, at: number): Evidence => ({
  source: 'probe from inside',
  said: `${sayLeads(members)}: each asked for /primary from a container on the same network`,
  confirms,
  at,
})

/** A standby says 'true 0'; who takes writes, 'false' and the timeline of the file it writes to. */
const RECOVERY = `SELECT pg_is_in_recovery() || ' ' || CASE WHEN pg_is_in_recovery() THEN 0
  ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END`
const ASK_POSTGRES = ['psql', '-qAtX', '-d', 'postgres', '-c', RECOVERY]

/** What PostgreSQL says of itself, at every member: past Patroni, and past the network. */
export const postgresSaid = (world: DatabaseWorld, lead: Lead): Promise<readonly Evidence[]> =>
  Promise.all(
    world.members.flatMap((node) =>
      node.containers.map(async ({ id, name }): Promise<Evidence> => {
        const { exitCode, output } = await world.runtime.execute(id, ASK_POSTGRES)
        const [isInRecovery, timeline] = exitCode === 0 ? output.trim().split(' ') : []
        const takesWrites = isInRecovery === 'false'
        return {
          source: 'PostgreSQL',
          said: `${name} ${sayRecovery(isInRecovery, timeline)}`,
          confirms: node.name === lead.leader ? takesWrites && Number(timeline) === lead.timeline : !takesWrites,
          at: world.clock.now(),
          container: name,
        }
      }),
    ),
  )

const sayRecovery = (isInRecovery: string | undefined, timeline: string | undefined): string => {
  if (isInRecovery === undefined) return 'takes no sessions'
  return isInRecovery === 'true' ? 'is in recovery' : `takes writes, on timeline ${timeline}`
}

/**
 * The balancers' opinion, once they follow. A balancer that does not is the deployment's failure, and nothing against
 * the fault: it says nothing here, and stands in the history.
 */
export const balancersFollow = async (world: DatabaseWorld, { leader }: Lead): Promise<readonly Evidence[]> => {
  const until = world.clock.now() + (world.attestLimitMs ?? ATTEST_LIMIT_MS)
  for (;;) {
    // One that does not answer now may answer at the next look.
    const servers = await world.servers().catch(() => null)
    const trusted = (servers ?? []).filter(({ backend, state }) => backend === PRIMARY_BACKEND && state === 'in')
    if (trusted.length > 0 && trusted.every(({ node }) => node === leader)) {
      const said = `${PRIMARY_BACKEND} gives connections to ${leader} alone`
      return [{ source: 'balancer state', said, confirms: true, at: world.clock.now() }]
    }
    if (servers?.every(({ backend }) => backend !== PRIMARY_BACKEND) || world.clock.now() > until) return []
    await pause(NEXT_LOOK_MS)
  }
}
