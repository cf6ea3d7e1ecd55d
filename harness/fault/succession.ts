// Refuses a fault that would take the last complete copy of the database, unless the scenario planned for it: that of a primary
// whom nobody in sync could follow, or that of who was in sync with a primary whom nobody has followed yet.
import { ScenarioError } from '../time/errors.ts'
import type { DatabaseMember } from '../topology/replication.ts'
import type { Survival } from './fault.ts'
import { type DatabaseWorld, lookAtDatabase } from './leadership.ts'

/**
 * Why a primary among the targets has no successor; null where it has one, or where no target leads. A balancer's standby is
 * no more than a member that runs: only one that commits wait for has every acknowledged write.
 */
export const withoutSuccessor = (
  members: readonly DatabaseMember[],
  { targets, broken }: { readonly targets: readonly string[]; readonly broken: readonly string[] },
): string | null => {
  const gone = new Set([...targets, ...broken])
  const primary = members.find((member) => member.leads && targets.includes(member.name))
  if (!primary) return null
  const isThere = members.some(({ name, role }) => role === 'synchronous standby' && !gone.has(name))
  if (isThere && primary.feeds.includes('sync')) return null
  const others = members
    .filter(({ name }) => name !== primary.name)
    .map(
      ({ name, role, because }) => `${name} is ${gone.has(name) ? 'under a fault' : (role ?? `unknown: ${because}`)}`,
    )
  return `${primary.name} is the primary, and no synchronous standby would be left (${others.join(', ') || 'there is no other'})`
}

/**
 * Why a target among the standbys has the last complete copy; null where somebody takes writes, or no member is broken. The
 * standby that commits waited for says so of itself until another member has taken over.
 */
export const withoutLastCopy = (
  members: readonly DatabaseMember[],
  { targets, broken }: { readonly targets: readonly string[]; readonly broken: readonly string[] },
): string | null => {
  const missing = members.find(({ name }) => broken.includes(name))
  if (!missing || members.some((member) => member.takesWrites)) return null
  const inSync = members.filter(({ name, role }) => role === 'synchronous standby' && !broken.includes(name))
  const [last] = inSync
  if (!last || inSync.some(({ name }) => !targets.includes(name))) return null
  return `${missing.name} is under a fault, nobody takes writes yet, and ${last.name} is the synchronous standby: the last complete copy`
}

/** Throws ScenarioError ERR_BLAST_RADIUS. Says nothing of a database that Patroni does not keep. */
export const successorLeft =
  (world: DatabaseWorld): Survival =>
  async ({ kind, targets, broken }) => {
    if (!world.members.some(({ name }) => targets.includes(name))) return
    const members = await lookAtDatabase(world)
    const because = withoutSuccessor(members, { targets, broken }) ?? withoutLastCopy(members, { targets, broken })
    if (because === null) return
    throw new ScenarioError(
      `Refused to ${kind} ${targets.join(', ')}: ${because}. Heal what is broken and wait until it streams again, or say { plannedDowntime: true }.`,
      { code: 'ERR_BLAST_RADIUS' },
    )
  }
