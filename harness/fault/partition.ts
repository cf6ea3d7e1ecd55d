// partition: the node and some others do not hear each other any more; everybody else hears both.

import { ScenarioError } from '../time/errors.ts'
import type { Container, Node } from '../topology/topology.ts'
import type { Kind } from './kind.ts'
import { addressSet } from './network/address-set.ts'
import type { NetworkWorld } from './network/network.ts'
import { ruleKind } from './network/rule-kind.ts'
import { hitsAnything } from './network/witness.ts'

export interface PartitionOptions {
  /** Who is on the other side. */
  readonly from: readonly Node[]
}

/** Nodes on the other side that are tried from the node's own namespace; one shows it, three show that it was no chance. */
const TRIED = 3

/** Throws ScenarioError when there is nobody on the other side. */
export const partition = (world: NetworkWorld, { from }: PartitionOptions): Kind => {
  const others = from.flatMap((node) => node.containers)
  if (others.length === 0)
    throw new ScenarioError('partition: there is nobody on the other side: expected at least one node.', {
      code: 'ERR_FAULT_OPTION',
    })
  const ports = others.flatMap(({ name, address, ports }) => {
    const [port] = Object.values(ports)
    return port ? [{ name, address, port: port.inside }] : []
  })

  /** Connections to the other side, from the namespace the rule is in. */
  const tries = async (container: Container) => {
    const tried = await Promise.all(
      ports.slice(0, TRIED).map(async ({ name, address, port }) => ({
        name,
        outcome: await world.network.reach(container.id, address, port),
      })),
    )
    const words = tried.map(({ name, outcome }) => `${name} is ${outcome ?? 'not to be tried'}`)
    return {
      source: 'probe from its namespace',
      said: `${container.name}: ${words.join(', ')}`,
      confirms: tried.length > 0 && tried.every(({ outcome }) => outcome === 'silent'),
      container: container.name,
    }
  }

  const cut = ruleKind(world, {
    kind: 'partition',
    hits: 'both',
    asked: { from: from.map(({ name }) => name).join(' ') },
    rule: {
      name: 'partition',
      parameters: {
        from: addressSet(
          'partition',
          others.map(({ address }) => address),
        ),
      },
    },
    expected: { fresh: 'present', kept: 'answered', counts: hitsAnything, tries },
  })
  return { ...cut, otherSide: from.map(({ name }) => name) }
}
