// bandwidth: what the node sends leaves at a rate, on new connections and established ones alike. What exceeds it waits for up
// to half a second, and is lost beyond that.
import { ScenarioError } from '../time/errors.ts'
import type { Container } from '../topology/topology.ts'
import { httpPort } from './answers.ts'
import type { Kind } from './kind.ts'
import { impositions } from './network/impositions.ts'
import { keptBefore } from './network/kept.ts'
import type { NetworkWorld, Queue, Rule } from './network/network.ts'
import { type Before, DRAW_MS, drawBefore } from './rate/draw.ts'
import { attestFree, attestLimited, attestLimitHeld, bytesIn, type Rate, type Told } from './rate/witness.ts'
import { each } from './resource.ts'
import { meanwhile, together } from './sighting.ts'

export interface BandwidthOptions {
  /** What each of the node's containers may send: whole kbit/s, from 64 (less takes seconds for one answer) to 4000. */
  readonly kbitPerSecond: number
}

const LEAST_KBIT = 64
/** More could not be told from a busy node by answers that it gives anyway: a few hundred of them are over too soon. */
const MOST_KBIT = 4000
const BEFORE_LIMIT_MS = 2000

/** 10 ms of the rate may go at once, and three packets at the least; 500 ms of it may wait, and 20 kB at the least. */
const BURST_MS = 10
const LEAST_BURST_BYTES = 5000
const WAIT_MS = 500
const LEAST_WAIT_BYTES = 20_000

const checked = ({ kbitPerSecond }: BandwidthOptions): Rate => {
  if (!(Number.isInteger(kbitPerSecond) && kbitPerSecond >= LEAST_KBIT && kbitPerSecond <= MOST_KBIT))
    throw new ScenarioError(
      `bandwidth: kbitPerSecond is ${kbitPerSecond}, expected a whole number from ${LEAST_KBIT} to ${MOST_KBIT}.`,
      { code: 'ERR_FAULT_OPTION' },
    )
  return { kbitPerSecond, burstBytes: Math.max(LEAST_BURST_BYTES, Math.ceil((BURST_MS * kbitPerSecond) / 8)) }
}

const ruleOf = (rate: Rate): Rule => ({
  name: 'bandwidth',
  parameters: {
    rate: rate.kbitPerSecond,
    burst: rate.burstBytes,
    waiting: Math.max(LEAST_WAIT_BYTES, Math.ceil(bytesIn(WAIT_MS, rate))),
  },
})

/** Throws ScenarioError on a rate that is none. */
export const bandwidth = (world: NetworkWorld, options: BandwidthOptions): Kind => {
  const rate = checked(options)
  const before = new Map<string, Promise<Before>>()
  const counted = new Map<string, Queue>()
  const laid = impositions(world, {
    before: async (container) => before.get(container),
    lay: (container) => world.network.impose(container, ruleOf(rate)),
  })

  const check = async (container: Container): Promise<void> => {
    const port = httpPort(container)
    const kept = port === null ? null : await world.keep?.(container.address, port).catch(() => null)
    const drawn = await kept?.draw(2, BEFORE_LIMIT_MS)
    kept?.close()
    if (drawn?.outcome === 'answered') return
    throw new ScenarioError(
      `bandwidth of ${container.name}: nobody could measure what it sends, since no port of it gives two answers over one connection by HTTP. Use slow or lose instead.`,
      { code: 'ERR_BANDWIDTH' },
    )
  }
  const measure = async (container: Container): Promise<Before> => {
    const kept = await keptBefore(world, container)
    const bytes = rate.burstBytes + bytesIn(DRAW_MS, rate)
    return { kept, ...(await drawBefore(world, container, { bytes, limitMs: BEFORE_LIMIT_MS })) }
  }
  /** Of a node that nobody has measured there is nothing to compare with. */
  const told = (container: Container): Told => ({
    world,
    container,
    rate,
    before: before.get(container.id) ?? Promise.resolve({ kept: null, answers: 0, tookMs: Infinity }),
    imposed: () => laid.of(container.id),
  })

  return {
    kind: 'bandwidth',
    hits: 'both',
    asked: { kbitPerSecond: rate.kbitPerSecond },
    check: (node) => each(node, check),
    undo: laid.undo,
    inject: laid.impose,
    attest: async (node, injected) => {
      for (const container of node.containers) before.set(container.id, meanwhile(measure(container)))
      const acts = node.containers.map(async (container) => {
        const { queue, ...attestation } = await attestLimited(told(container), injected)
        counted.set(container.id, queue)
        return attestation
      })
      return together(await Promise.all(acts))
    },
    attestHeld: async (node) => {
      const acts = node.containers.map((container) => {
        const since = counted.get(container.id) ?? { bytesPerSecond: 0, bytes: 0, waits: 0 }
        return attestLimitHeld(told(container), since)
      })
      return (await Promise.all(acts)).flat()
    },
    heal: laid.lift,
    attestClear: async (node, healed) =>
      together(await Promise.all(node.containers.map((container) => attestFree(told(container), healed)))),
  }
}
