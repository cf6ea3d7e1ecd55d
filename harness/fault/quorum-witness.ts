// What the members of the config store that are left say of its majority, while others of them are taken away and after.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence, FaultKind } from '../history/event.ts'
import type { Node } from '../topology/topology.ts'
import type { Faults } from './fault.ts'
import type { Attestation, Kind } from './kind.ts'
import { type ConfigStoreWorld, type Health, healthOf, leftOf, majorityOf } from './quorum.ts'

/** An election takes one to two of its time limits; a leader without followers steps down after one, and a read waits for 1 s. */
const SETTLED_LIMIT_MS = 10_000
const NEXT_LOOK_MS = 100

/** Faults whose node takes no part in the majority any more, seen from the others. */
const TAKES_AWAY: ReadonlySet<FaultKind> = new Set(['stop', 'kill', 'pause', 'crash', 'outage', 'isolate', 'reject'])

/** Faults that show, where they take members of the config store away, what became of its majority. */
export const witnessedQuorum = (faults: Faults, world: ConfigStoreWorld): Faults => {
  const away = new Set<string>()
  return {
    ...faults,
    inject: (kind, targets, options) => {
      const names = targets.map(({ name }) => name)
      const takesAway = TAKES_AWAY.has(kind.kind) && (kind.hits ?? 'both') === 'both'
      const isHit = world.members.some(({ name }) => names.includes(name))
      if (!takesAway || !isHit) return faults.inject(kind, targets, options)
      const others = (): readonly string[] | null => {
        const broken = faults.broken().filter((name) => !names.includes(name))
        const isKnown = world.members.every(({ name }) => !broken.includes(name) || away.has(name))
        return isKnown ? broken : null
      }
      return faults.inject(seesQuorum(kind, world, { targets: names, others, away }), targets, options)
    },
  }
}

/** What is gone by this fault, and what by the others that are not healed. */
interface Gone {
  readonly targets: readonly string[]
  /** Null while a member is under a fault of which nobody can say whether it takes part: a slow one may, or may not. */
  others(): readonly string[] | null
  /** Members that some fault has taken away. */
  readonly away: Set<string>
}

/**
 * The kind, with one witness more for members of the config store: what the members that are left say of a read that only a
 * majority confirms, and after the heal what the member itself says of it. It adds to what others saw, and stands for nobody.
 */
const seesQuorum = (kind: Kind, world: ConfigStoreWorld, { targets, others, away }: Gone): Kind => {
  const { members } = world
  // Said once, with the first of them: it is one majority.
  const isFirst = ({ name }: Node): boolean => members.find((member) => targets.includes(member.name))?.name === name
  const ofMajority = async (): Promise<readonly Evidence[]> => {
    const gone = others()
    const left = gone === null ? [] : leftOf(members, [...targets, ...gone])
    const wanted = left.length >= majorityOf(members.length) ? 'well' : 'without a majority'
    return Promise.all(left.map((node) => watchHealth(world, node, wanted)))
  }
  return {
    ...kind,
    attest: async (node, injected) => {
      away.add(node.name)
      const seen = await kind.attest(node, injected)
      return isFirst(node) && isSeen(seen) ? { ...seen, evidence: [...seen.evidence, ...(await ofMajority())] } : seen
    },
    attestHeld: async (node, since) => {
      const said = await kind.attestHeld(node, since)
      return isFirst(node) ? [...said, ...(await ofMajority())] : said
    },
    heal: async (node) => {
      await kind.heal(node)
      away.delete(node.name)
    },
    attestClear: async (node, healed) => {
      const seen = await kind.attestClear(node, healed)
      const isMember = members.some(({ name }) => name === node.name)
      const gone = others()
      const isMajority = gone !== null && leftOf(members, gone).length >= majorityOf(members.length)
      if (!isMember || !isMajority || !isSeen(seen)) return seen
      return { ...seen, evidence: [...seen.evidence, await watchHealth(world, node, 'well')] }
    },
  }
}

const isSeen = ({ evidence }: Attestation): boolean => evidence.some(({ confirms }) => confirms)

/** Asks a member until it says what is wanted, or the limit passes. */
const watchHealth = async (world: ConfigStoreWorld, node: Node, wanted: Health): Promise<Evidence> => {
  const { clock } = world
  const until = clock.now() + (world.attestLimitMs ?? SETTLED_LIMIT_MS)
  for (;;) {
    const health = await healthOf(world, node)
    const at = clock.now()
    if (health === wanted || at > until)
      return { source: 'config store', said: SAYS[health](node.name), confirms: health === wanted, at, ...inside(node) }
    await pause(NEXT_LOOK_MS)
  }
}

const inside = ({ containers: [container] }: Node): { readonly container?: string } =>
  container ? { container: container.name } : {}

const SAYS: Readonly<Record<Health, (name: string) => string>> = {
  well: (name) => `${name} answers a read that a majority confirms: there is a leader`,
  'without a majority': (name) => `${name} answers, and no majority confirms its read: the quorum is lost`,
  silent: (name) => `${name} gives no answer`,
}
