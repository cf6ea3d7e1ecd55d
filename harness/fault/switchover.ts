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
  membersSaid,
  postgresSaid,
  sayLeads,
  watchMembers,
} from './leadership.ts'
import { ATTEST_LIMIT_MS, sightedWhile } from './sighting.ts'

export interface SwitchoverOptions {
  /** Healing makes the former primary the primary again; where nothing is said, roles stay as they are. */
  readonly back?: boolean
}

/** Patroni answers when it sees the new leader, or after its own limit of 20 s. */
const ANSWER_LIMIT_MS = 25_000
/** The former primary starts again as a standby, and Patroni names it the synchronous one: 4 to 7 s with the lab's timings. */
const IN_SYNC_LIMIT_MS = 30_000
const NEXT_LOOK_MS = 100

/**
 * The target is the present primary. In effect: another member leads, takes writes on a higher timeline, and the target
 * says that it does not lead. Clear: one primary and one synchronous standby stream. There is nothing to put back, so `heal`
 * does nothing without `back`, and nothing is left behind by a harness that dies: Patroni ends what was asked of it, or gives it up.
 */
export const switchover = (world: DatabaseWorld, { back = false }: SwitchoverOptions = {}): Kind => {
  const { clock, exchange, attestLimitMs = ATTEST_LIMIT_MS } = world
  const before = new Map<string, Lead & { readonly candidate: string }>()
  const after = new Map<string, Lead>()

  const check = async (node: Node): Promise<void> => {
    const members = await lookAtDatabase(world)
    const refused = (because: string): never => {
      throw new ScenarioError(`Refused switchover of ${node.name}: ${because}`, { code: 'ERR_SWITCHOVER' })
    }
    const lead = leadIn(members)
    if (lead?.leader !== node.name)
      return refused(
        `it is not the primary (${sayLeads(members) || 'Patroni keeps no member'}). Say gateway.primary().`,
      )
    const { ok, because } = judgeReplication(members)
    const candidate = members.find(({ role }) => role === 'synchronous standby')
    if (!ok || !candidate)
      return refused(`nobody could take over without loss: ${because}. Await a steady state first.`)
    before.set(node.name, { ...lead, candidate: candidate.name })
  }

  /** Asks the leader to hand over. Rejects with Patroni's own words where it would not. */
  const handOver = async (leader: Node, candidate: string): Promise<void> => {
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

  const attest = async (node: Node, injected: Promise<void>): Promise<Attestation> => {
    const was = before.get(node.name)
    const isSucceeded = (members: readonly DatabaseMember[]): boolean => {
      const lead = leadIn(members)
      if (!lead || !was || lead.leader === node.name || lead.timeline <= was.timeline) return false
      // One that says nothing may have been killed: that is another fault.
      return members.some(({ name, leads }) => name === node.name && leads === false)
    }
    const seen = await sightedWhile((limit) => watchMembers(world, isSucceeded, limit), injected, attestLimitMs)
    await injected
    const lead = seen && leadIn(seen.members)
    if (!lead) return { evidence: [membersSaid(await lookAtDatabase(world), false, clock.now())], bounds: null }
    after.set(node.name, lead)
    const others = await Promise.all([postgresSaid(world, lead), balancersFollow(world, lead)])
    return { evidence: [seen.evidence, ...others.flat()], bounds: seen.bounds }
  }

  /** Roles that changed once more in between show in who leads, or in a timeline that grew. */
  const attestHeld = async (node: Node): Promise<readonly Evidence[]> => {
    const lead = after.get(node.name)
    if (!lead) return []
    const members = await lookAtDatabase(world)
    const now = leadIn(members)
    const isSame = now?.leader === lead.leader && now.timeline === lead.timeline
    return [membersSaid(members, isSame, clock.now()), ...(await postgresSaid(world, lead))]
  }

  const untilInSync = async (): Promise<Lead | null> => {
    const until = clock.now() + IN_SYNC_LIMIT_MS
    for (;;) {
      const members = await lookAtDatabase(world)
      const { ok, because } = judgeReplication(members)
      if (ok) return leadIn(members)
      if (clock.now() > until)
        throw new FaultError(`The database was not in sync within ${IN_SYNC_LIMIT_MS / 1000} s: ${because}.`, {
          code: 'ERR_SWITCHOVER',
        })
      await pause(NEXT_LOOK_MS)
    }
  }

  const heal = async (node: Node): Promise<void> => {
    if (!back) return
    const leader = (await untilInSync())?.leader
    const present = world.members.find(({ name }) => name === leader && name !== node.name)
    if (present) await handOver(present, node.name)
  }

  const attestClear = async (node: Node, healed: Promise<void>): Promise<Attestation> => {
    // Without a way back there is nothing that healing changes, and so nothing to see before it.
    if (!back) await healed
    const isClear = (members: readonly DatabaseMember[]): boolean =>
      judgeReplication(members).ok && (!back || leadIn(members)?.leader === node.name)
    const seen = await sightedWhile((limit) => watchMembers(world, isClear, limit), healed, IN_SYNC_LIMIT_MS)
    await healed
    const lead = seen && leadIn(seen.members)
    if (!lead) return { evidence: [membersSaid(await lookAtDatabase(world), false, clock.now())], bounds: null }
    const streams: Evidence = { ...seen.evidence, said: judgeReplication(seen.members).because }
    return { evidence: [streams, ...(await postgresSaid(world, lead))], bounds: seen.bounds }
  }

  return {
    kind: 'switchover',
    ...(back && { asked: { back: 'when it is healed' } }),
    check,
    undo: () => [],
    inject: async (node) => handOver(node, before.get(node.name)?.candidate ?? ''),
    attest,
    attestHeld,
    heal,
    attestClear,
  }
}
