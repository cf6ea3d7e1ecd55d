// Refuses a fault that would leave a balancer's backend without a survivor, unless the scenario planned for it.
import { isTrusted } from '../history/event.ts'
import { ScenarioError } from '../time/errors.ts'
import type { ServerLook } from '../topology/haproxy.ts'

/** What is asked, against what the balancers think and what is broken already. */
export interface Blast {
  readonly kind: string
  readonly targets: readonly string[]
  /** Nodes under a fault that is not healed yet. */
  readonly broken: readonly string[]
  readonly servers: readonly ServerLook[]
}

/** The backends in which nobody would be left: every server there is a target, broken, or already out of rotation; a standby is left. */
export const emptied = (blast: Blast): readonly string[] => {
  const gone = new Set([...blast.targets, ...blast.broken])
  const byBackend = Map.groupBy(blast.servers, (server) => server.backend)
  return [...byBackend]
    .filter(([, servers]) => servers.some((server) => blast.targets.includes(server.node)))
    .filter(([, servers]) => !servers.some((server) => isTrusted(server.state) && !gone.has(server.node)))
    .map(([backend]) => backend)
}

/** Throws ScenarioError ERR_BLAST_RADIUS when a backend would be emptied. */
export const refuseEmptying = (blast: Blast): void => {
  const backends = emptied(blast)
  if (backends.length === 0) return
  const others = blast.servers
    .filter((server) => backends.includes(server.backend) && !blast.targets.includes(server.node))
    .map((server) => `${server.node} is ${blast.broken.includes(server.node) ? 'under a fault' : server.state}`)
  throw new ScenarioError(
    `Refused to ${blast.kind} ${blast.targets.join(', ')}: nobody would be left in ${backends.join(', ')} (${[...new Set(others)].join(', ') || 'there is no other'}). ` +
      'Await rotation.admits of another node first, or say { plannedDowntime: true }; { claimsSurvival: true } where that is the claim.',
    { code: 'ERR_BLAST_RADIUS' },
  )
}
