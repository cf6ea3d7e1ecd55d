// switchover: a planned change of the primary, asked of Patroni; an act with an end, which leaves nothing to hold.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../history/event.ts'
import { FaultError, ScenarioError } from '../time/errors.ts'
import { type DatabaseMember, judgeReplication } from '../topology/replication.ts'
import { type Node, urlOf } from '../topology/topology.ts'
import type { Attestation, Kind } from './kind.ts'
import {
  balancersFollow,
  type DatabaseWorld,
  type Lead,
  leadIn,
  lookAtDatabase,
  type MembersSighting,
  membersSaid,
  postgresSaid,
  sayLeads,
  watchMembers,
} from './leadership.ts'
import { sightedWhile } from './sighting.ts'

export interface SwitchoverOptions {
  /** Healing makes the former primary the primary again; where nothing is said, roles stay as they are. */
  readonly back?: boolean
}

/** Patroni answers when it sees the new leader, or after its own limit of 20 s. */
const ANSWER_LIMIT_MS = 25_000
/** The former primary starts again as a standby, and Patroni names it the synchronous one: 4 to 7 s with the lab's timings. */
const IN_SYNC_LIMIT_MS = 30_000
const NEXT_LOOK_MS = 100

/** Who led when it was checked, and who was to take over. */
interface Before extends Lead {
  readonly candidate: string
}

/**
 * The target is the present primary. In effect: another member leads, takes writes on a higher timeline, and the target
 * says that it does not lead. Clear: one primary and one synchronous standby stream. There is nothing to put back, so `heal`
 * does nothing without `back`, and nothing is left behind by a harness that dies: Patroni ends what was asked of it, or gives it up.
 */
export const switchover = (world: DatabaseWorld, { back = false }: SwitchoverOptions = {}): Kind => {
  const before = new Map<string, Before>()
  const after = new Map<string, Lead>()

  return {
    kind: 'switchover',
    ...(back && { asked: { back: 'when it is healed' } }),
    check: async (node) => void before.set(node.name, await foundFit(world, node)),
    undo: () => [],
    inject: async (node) => handOver(world, node, before.get(node.name)?.candidate ?? ''),
    attest: async (node, injected) => {
      const seen = await successionSeen(world, node, { was: before.get(node.name), injected })
      const lead = seen && leadIn(seen.members)
      if (!lead) return attestUnseen(world)
      after.set(node.name, lead)
      const others = await Promise.all([postgresSaid(world, lead), balancersFollow(world, lead)])
      return { evidence: [seen.evidence, ...others.flat()], bounds: seen.bounds }
    },
    attestHeld: async (node) => {
      const lead = after.get(node.name)
      return lead ? leadsStill(world, lead) : []
    },
    heal: async (node) => {
      if (back) await handBack(world, node)
    },
    attestClear: async (node, healed) => {
      // Without a way back there is nothing that healing changes, and so nothing to see before it.
      if (!back) await healed
      return attestInSync(world, { healed, leader: back ? node.name : null })
    },
  }
}

/** Who leads, and who could take over. Throws ScenarioError where the node does not lead, or nobody could without loss. */
const foundFit = async (world: DatabaseWorld, node: Node): Promise<Before> => {
  const members = await lookAtDatabase(world)
  const refused = (because: string): never => {
    throw new ScenarioError(`Refused switchover of ${node.name}: ${because}`, { code: 'ERR_SWITCHOVER' })
  }
  const lead = leadIn(members)
  if (lead?.leader !== node.name)
    return refused(`it is not the primary (${sayLeads(members) || 'Patroni keeps no member'}). Say gateway.primary().`)
  const { ok, because } = judgeReplication(members)
  const candidate = members.find(({ role }) => role === 'synchronous standby')
  if (!ok || !candidate) return refused(`nobody could take over without loss: ${because}. Await a steady state first.`)
  return { ...lead, candidate: candidate.name }
}

/** Asks the leader to hand over. Rejects with Patroni's own words where it would not. */
const handOver = async ({ exchange }: DatabaseWorld, leader: Node, candidate: string): Promise<void> => {
  const url = urlOf(leader, 'patroni', '/switchover')
  if (url === null)
    throw new FaultError(`${leader.name} has no port labelled patroni: nobody can ask it to hand over.`, {
      code: 'ERR_SWITCHOVER',
    })
  const body = JSON.stringify({ leader: leader.name, candidate })
  const { ok, status, body: said, error } = await exchange(url, { method: 'POST', body, timeoutMs: ANSWER_LIMIT_MS })
  if (ok && status === 200) return
  throw new FaultError(
    `Patroni of ${leader.name} would not hand over to ${candidate}: ${ok ? `status ${status}, ${said.trim()}` : error}.`,
    { code: 'ERR_SWITCHOVER' },
  )
}

/** The members, once another one than the node leads, on a higher timeline, and the node says that it does not. */
const successionSeen = async (
  world: DatabaseWorld,
  node: Node,
  { was, injected }: { readonly was: Lead | undefined; readonly injected: Promise<void> },
): Promise<MembersSighting | null> => {
  const isSucceeded = (members: readonly DatabaseMember[]): boolean => {
    const lead = leadIn(members)
    if (!lead || !was || lead.leader === node.name || lead.timeline <= was.timeline) return false
    // One that says nothing may have been killed: that is another fault.
    return members.some(({ name, leads }) => name === node.name && leads === false)
  }
  const look = (limit: AbortSignal) => watchMembers(world, isSucceeded, limit)
  const seen = await sightedWhile(look, injected, world.attestLimitMs)
  await injected
  return seen
}

const attestUnseen = async (world: DatabaseWorld): Promise<Attestation> => ({
  evidence: [membersSaid(await lookAtDatabase(world), false, world.clock.now())],
  bounds: null,
})

/** Roles that changed once more in between show in who leads, or in a timeline that grew. */
const leadsStill = async (world: DatabaseWorld, lead: Lead): Promise<readonly Evidence[]> => {
  const members = await lookAtDatabase(world)
  const now = leadIn(members)
  const isSame = now?.leader === lead.leader && now.timeline === lead.timeline
  return [membersSaid(members, isSame, world.clock.now()), ...(await postgresSaid(world, lead))]
}

/** Has whoever leads now hand over to the node; nothing where that leads. */
const handBack = async (world: DatabaseWorld, node: Node): Promise<void> => {
  const leader = (await untilInSync(world))?.leader
  const present = world.members.find(({ name }) => name === leader && name !== node.name)
  if (present) await handOver(world, present, node.name)
}

const untilInSync = async (world: DatabaseWorld): Promise<Lead | null> => {
  const until = world.clock.now() + IN_SYNC_LIMIT_MS
  for (;;) {
    const members = await lookAtDatabase(world)
    const { ok, because } = judgeReplication(members)
    if (ok) return leadIn(members)
    if (world.clock.now() > until)
      throw new FaultError(`The database was not in sync within ${IN_SYNC_LIMIT_MS / 1000} s: ${because}.`, {
        code: 'ERR_SWITCHOVER',
      })
    await pause(NEXT_LOOK_MS)
  }
}

/** One primary and one synchronous standby stream; the primary is `leader`, where that is not null. */
const attestInSync = async (
  world: DatabaseWorld,
  { healed, leader }: { readonly healed: Promise<void>; readonly leader: string | null },
): Promise<Attestation> => {
  const isClear = (members: readonly DatabaseMember[]): boolean =>
    judgeReplication(members).ok && (leader === null || leadIn(members)?.leader === leader)
  const seen = await sightedWhile((limit) => watchMembers(world, isClear, limit), healed, IN_SYNC_LIMIT_MS)
  await healed
  const lead = seen && leadIn(seen.members)
  if (!lead) return attestUnseen(world)
  const streams: Evidence = { ...seen.evidence, said: judgeReplication(seen.members).because }
  return { evidence: [streams, ...(await postgresSaid(world, lead))], bounds: seen.bounds }
}
