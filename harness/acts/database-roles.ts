// Who leads the database, and who would take over: asked of its members when a script says so.
import { setTimeout as pause } from 'node:timers/promises'
import type { Clock } from '../time/clock.ts'
import { type Get, lookAtMembers, memberInRole, patroniNodes } from '../topology/replication.ts'
import type { Node, Topology } from '../topology/topology.ts'

/** The database's nodes by what they do at the moment: it may be another one at the next call. */
export interface DatabaseRoles {
  /** The node that leads; waits for one where the last was lost, up to 30 s. Throws ScenarioError ERR_NO_MEMBER where nobody does. */
  primary(): Promise<Node>
  /** The node that would take over: commits wait for it. Waits and throws as `primary` does. */
  standby(): Promise<Node>
  /** Waits until replication is in sync again: a standby streams from the primary, and commits wait for it. Throws as `primary` does. */
  resynced(): Promise<void>
}

/** Patroni's own lease of 30 s is shorter in a lab: 8 s, and a promotion. */
const ROLE_LIMIT_MS = 30_000
const NEXT_LOOK_MS = 100

/** Asks from inside the deployment's network. */
export const databaseRoles = ({
  topology,
  get,
  clock,
}: {
  readonly topology: Topology
  readonly get: Get
  readonly clock: Clock
}): DatabaseRoles => {
  const inRole = async (role: 'primary' | 'synchronous standby'): Promise<Node> => {
    const nodes = patroniNodes(topology)
    const until = clock.now() + (nodes.length === 0 ? 0 : ROLE_LIMIT_MS)
    for (;;) {
      const members = await lookAtMembers(nodes, get)
      const found = members.filter((member) => member.role === role)
      if (found.length === 1 || clock.now() >= until) return memberInRole(topology, members, role)
      await pause(NEXT_LOOK_MS)
    }
  }
  const standby = (): Promise<Node> => inRole('synchronous standby')
  return { primary: () => inRole('primary'), standby, resynced: async () => void (await standby()) }
}
