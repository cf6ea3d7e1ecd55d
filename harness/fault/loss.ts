// loss: a share of the packets is lost at random, coming in and going out alike.

import { ScenarioError } from '../time/errors.ts'
import type { Container } from '../topology/topology.ts'
import type { Kind } from './kind.ts'
import type { NetworkWorld, Tally } from './network/network.ts'
import { ruleKind } from './network/rule-kind.ts'

export interface LossOptions {
  /** Of the packets, more than 0 and less than 1: all of them is isolate. */
  readonly share: number
}

/** So many packets are looked at before the share is believed; connections are tried until they are, or the limit passes. */
const SAMPLE = 150
const AT_ONCE = 10
const TRY_LIMIT_MS = 4000
/** The share of a sample lies within four of its standard deviations, but for once in 16,000. */
const DEVIATIONS = 4

/** Throws ScenarioError on a share that is none. */
export const loss = (world: NetworkWorld, { share }: LossOptions): Kind => {
  if (!(share > 0 && share < 1))
    throw new ScenarioError(`loss: share is ${share}, expected more than 0 and less than 1.`, {
      code: 'ERR_FAULT_OPTION',
    })
  const permille = Math.max(1, Math.round(share * 1000))

  // Whether a connection gets through is left to chance, so none is asked: what was lost of what came is counted.
  const tries = async (container: Container) => {
    const [port] = Object.values(container.ports)
    const until = world.clock.now() + TRY_LIMIT_MS
    let tried = 0
    while (port && world.clock.now() < until) {
      const tally = await world.network.count(container.id)
      if (!tally || seenBy(tally) >= SAMPLE) break
      tried += AT_ONCE
      await Promise.all(Array.from({ length: AT_ONCE }, () => world.probe(container.address, port.inside, 200)))
    }
    return {
      source: 'probe from inside',
      said: `${container.name}: ${tried} connections were tried for the rule to count their packets`,
      confirms: true,
      container: container.name,
    }
  }

  return ruleKind(world, {
    kind: 'loss',
    hits: 'both',
    asked: { share },
    rule: { name: 'loss', parameters: { permille } },
    expected: { counts: (tally) => isShare(tally, permille / 1000), tries },
  })
}

const seenBy = ({ came, went, kept }: Tally): number => came + went + kept

/** Whether what was lost is that share of enough packets. */
const isShare = (tally: Tally, share: number): boolean => {
  const seen = seenBy(tally)
  const lost = tally.came + tally.went
  return seen >= SAMPLE && Math.abs(lost - seen * share) <= DEVIATIONS * Math.sqrt(seen * share * (1 - share))
}
