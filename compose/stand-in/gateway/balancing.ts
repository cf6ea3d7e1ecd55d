// Which of several nodes takes a call: by turns, by fewest calls under way, or by a hash of the call.
import { createHash } from 'node:crypto'

/** A node as a balancer sees it. */
export interface Weighted {
  readonly address: string
  readonly weight: number
  /** Calls under way. */
  inFlight: number
  /** What smooth weighted round robin remembers of a node. */
  credit: number
}

/** Takes one of the candidates; `hashOf` gives the text that consistent hashing goes by. */
export type Balancer = <N extends Weighted>(candidates: readonly N[], hashOf: () => string) => N | undefined

/** Smooth weighted round robin, as in nginx: each node earns its weight, the richest is taken and pays the sum. */
export const roundRobin: Balancer = (candidates) => {
  let best: (typeof candidates)[number] | undefined
  let sum = 0
  for (const node of candidates) {
    node.credit += node.weight
    sum += node.weight
    if (best === undefined || node.credit > best.credit) best = node
  }
  if (best !== undefined) best.credit -= sum
  return best
}

/** The node that would have the fewest calls for its weight; of equals the one whose turn it is. */
export const leastConnections: Balancer = (candidates, hashOf) => {
  const load = ({ inFlight, weight }: Weighted): number => (inFlight + 1) / weight
  const least = Math.min(...candidates.map(load))
  return roundRobin(
    candidates.filter((node) => load(node) === least),
    hashOf,
  )
}

/** Rendezvous hashing: a node that leaves moves its own calls and no other's. */
export const consistentHash: Balancer = (candidates, hashOf) => {
  const text = hashOf()
  let best: (typeof candidates)[number] | undefined
  let highest = Number.NEGATIVE_INFINITY
  for (const node of candidates) {
    const score = -node.weight / Math.log(fractionOf(`${text} ${node.address}`))
    if (score > highest) [best, highest] = [node, score]
  }
  return best
}

/** A number between 0 and 1 that follows from a text. */
function fractionOf(text: string): number {
  return (createHash('md5').update(text).digest().readUInt32BE(0) + 1) / (2 ** 32 + 1)
}
