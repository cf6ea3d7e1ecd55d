// The soak: the turns of a seed's plan as a script plays them, all of them told before the first.
import { planSoak, type SoakedKind, sayPlan, type Turn } from '../fault/soak-plan.ts'
import type { Options } from '../options.ts'
import type { Duration } from '../time/duration.ts'
import { seeded } from '../topology/group.ts'
import type { Node, Topology } from '../topology/topology.ts'
import type { FaultActs, FaultInEffect } from './fault-acts.ts'

/** One or two faults that are in effect together. */
export interface SoakTurn {
  readonly holds: Duration
  /** Whom its faults break, in their order. */
  readonly nodes: readonly Node[]
  /** Injects them one after another; healing what comes of it goes the other way. */
  begin(): Promise<FaultInEffect>
}

export interface SoakActs {
  /** The plan that belongs to the run's seed and FIREDRILL_SOAK (60 s where nothing is said), printed. */
  readonly soak: () => Promise<readonly SoakTurn[]>
}

const PLAYED: Readonly<Record<SoakedKind, (faults: FaultActs, node: Node) => Promise<FaultInEffect>>> = {
  stop: (faults, node) => faults.stop(node),
  kill: (faults, node) => faults.kill(node),
  pause: (faults, node) => faults.pause(node),
  isolate: (faults, node) => faults.isolate(node),
  reject: (faults, node) => faults.reject(node),
  slow: (faults, node) => faults.slow(node, { by: '50ms' }),
  cpu: (faults, node) => faults.cpu(node, { cores: 0.3 }),
}

/** `told` writes the plan down as a step of the runbook. */
export const soakActs = (
  faults: FaultActs,
  world: {
    readonly topology: Topology
    readonly options: Pick<Options, 'seed' | 'soakMs'>
    readonly told: (title: string) => Promise<void>
  },
): SoakActs => ({
  soak: async () => {
    const { topology, options, told } = world
    const turns = planSoak(topology, options.soakMs, seeded(options.seed))
    for (const line of [`Soak of ${turns.length} turns, seed ${options.seed}`, ...sayPlan(turns)]) await told(line)
    return turns.map((turn) => playedTurn(faults, turn))
  },
})

const playedTurn = (faults: FaultActs, { faults: planned, holdMs }: Turn): SoakTurn => ({
  holds: `${holdMs}ms`,
  nodes: planned.map(({ node }) => node),
  async begin() {
    const begun: FaultInEffect[] = []
    for (const { kind, node } of planned) begun.push(await PLAYED[kind](faults, node))
    return {
      heal: async () => {
        for (const fault of begun.toReversed()) await fault.heal()
      },
    }
  },
})
