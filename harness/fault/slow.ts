// slow: each round trip with the node takes longer, whoever began it, on new connections and established ones alike. Where the
// kernel has netem what the node sends waits in it; where not, what comes to the node waits in a link of ours (link/).
import { ScenarioError } from '../time/errors.ts'
import type { Container } from '../topology/topology.ts'
import type { Kind } from './kind.ts'
import { type Delay, slowDown } from './link/means.ts'
import { type Pace, paceOf } from './link/pace.ts'
import { attestQuick, attestSlow, attestSlowHeld, type Before, type Told } from './link/witness.ts'
import { impositions } from './network/impositions.ts'
import { keptBefore } from './network/kept.ts'
import type { NetworkWorld } from './network/network.ts'
import { meanwhile, together } from './sighting.ts'

export interface SlowOptions {
  /** Added to every round trip: whole ms, from 5 (less cannot be told from a busy machine) to 5000. */
  readonly byMs: number
  /** Added beyond that, from 0 up to this, drawn for each packet: whole ms, to 5000. Packets keep their order. */
  readonly jitterMs?: number
}

const LEAST_MS = 5
const MOST_MS = 5000
const BEFORE_LIMIT_MS = 2000

/** A pace that a busy machine set is no measure of what a delay adds: slower than half of that, it is taken again, for so long. */
const FIT_WITHIN_MS = 2000

const isFit = ({ freshMs, keptMs }: Pace, { delay }: Delay): boolean =>
  [freshMs, keptMs].every((tookMs) => tookMs === null || tookMs <= delay / 2)

const checked = ({ byMs, jitterMs = 0 }: SlowOptions): Delay => {
  const refuse = (what: string, value: number, leastMs: number): void => {
    if (Number.isInteger(value) && value >= leastMs && value <= MOST_MS) return
    throw new ScenarioError(`slow: ${what} is ${value}, expected whole ms from ${leastMs} to ${MOST_MS}.`, {
      code: 'ERR_FAULT_OPTION',
    })
  }
  refuse('byMs', byMs, LEAST_MS)
  refuse('jitterMs', jitterMs, 0)
  return { delay: byMs, jitter: jitterMs }
}

/** Throws ScenarioError on times that are none. */
export const slow = (world: NetworkWorld, options: SlowOptions): Kind => {
  const { network } = world
  const delay = checked(options)
  const before = new Map<string, Promise<Before>>()

  const measure = async (container: Container): Promise<Before> => {
    const kept = await keptBefore(world, container)
    const until = world.clock.now() + FIT_WITHIN_MS
    for (;;) {
      const pace = await paceOf({ world, container, kept }, BEFORE_LIMIT_MS)
      if (isFit(pace, delay) || world.clock.now() > until) return { kept, ...pace }
    }
  }
  /** Of a node that nobody has measured there is nothing to compare with. */
  const told = (container: Container): Told => ({
    world,
    container,
    delay,
    before: before.get(container.id) ?? Promise.resolve({ kept: null, freshMs: Infinity, keptMs: null }),
    imposed: () => laid.of(container.id),
  })

  const laid = impositions(world, {
    before: async (container) => before.get(container),
    lay: (container) => slowDown(network, container, delay),
  })

  return {
    kind: 'slow',
    hits: 'both',
    asked: { byMs: delay.delay, jitterMs: delay.jitter },
    undo: laid.undo,
    inject: laid.impose,
    attest: async (node, injected) => {
      for (const container of node.containers) before.set(container.id, meanwhile(measure(container)))
      return together(await Promise.all(node.containers.map((container) => attestSlow(told(container), injected))))
    },
    attestHeld: async (node) =>
      (await Promise.all(node.containers.map((container) => attestSlowHeld(told(container))))).flat(),
    heal: laid.lift,
    attestClear: async (node, healed) =>
      together(await Promise.all(node.containers.map((container) => attestQuick(told(container), healed)))),
  }
}
