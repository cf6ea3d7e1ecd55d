// Refuses a fault that would lose the config store's majority, unless the scenario planned for it.
import type { Clock } from '../time/clock.ts'
import { ScenarioError } from '../time/errors.ts'
import { type Node, urlOf } from '../topology/topology.ts'
import type { Survival } from './fault.ts'
import type { Exchange } from './runtime.ts'

/** What is asked of the config store. */
export interface ConfigStoreWorld {
  /** The members of its one cluster. */
  readonly members: readonly Node[]
  readonly exchange: Exchange
  readonly clock: Clock
  /** How long a majority may take to find itself, or to find out that it is none; 10 s by default. */
  readonly attestLimitMs?: number
}

/** etcd gives a read that nobody confirms 1 s of its own. */
const ANSWER_LIMIT_MS = 2500

/** How many of so many members confirm what is written and read. */
export const majorityOf = (members: number): number => Math.floor(members / 2) + 1

/** The members that are not named. */
export const leftOf = (members: readonly Node[], gone: readonly string[]): readonly Node[] =>
  members.filter(({ name }) => !gone.includes(name))

/** What a member says of /health: a read that a majority confirms, so there is a leader where it is well. */
export type Health = 'well' | 'without a majority' | 'silent'

/** Asks one member. */
export const healthOf = async ({ exchange }: ConfigStoreWorld, node: Node): Promise<Health> => {
  const url = urlOf(node, 'etcd', '/health')
  if (url === null) return 'silent'
  const { ok, status } = await exchange(url, { timeoutMs: ANSWER_LIMIT_MS })
  return ok ? (status === 200 ? 'well' : 'without a majority') : 'silent'
}

/**
 * Throws ScenarioError ERR_BLAST_RADIUS where the members that are well, neither targets nor under another fault, would be
 * fewer than a majority.
 */
export const majorityLeft =
  (world: ConfigStoreWorld): Survival =>
  async ({ kind, targets, broken }) => {
    const { members } = world
    if (!members.some(({ name }) => targets.includes(name))) return
    const left = leftOf(members, [...targets, ...broken])
    const looks = await Promise.all(left.map(async (node) => ({ node, health: await healthOf(world, node) })))
    const well = looks.filter(({ health }) => health === 'well').map(({ node }) => node.name)
    const needed = majorityOf(members.length)
    if (well.length >= needed) return
    throw new ScenarioError(
      `Refused to ${kind} ${targets.join(', ')}: the config store would have ${well.length} of ${members.length} members left (${well.join(', ') || 'none'}), and its majority is ${needed}. ` +
        'Heal another member first, or say { plannedDowntime: true }.',
      { code: 'ERR_BLAST_RADIUS' },
    )
  }
