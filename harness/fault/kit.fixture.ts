// A small deployment for faults: pairs of nodes to break, one that nobody breaks, and the callers of a drill as witnesses.

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openRecorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { keptBy } from '../stage/fault-worlds.ts'
import { clockSince } from '../time/clock.ts'
import { docker } from '../topology/docker.ts'
import { withEngineUnstuck } from '../topology/engine-restart.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { REPLACES } from '../topology/replacement.ts'
import { remove } from '../topology/residue.ts'
import type { Node, Topology } from '../topology/topology.ts'
import { type Callers, startCallers } from '../traffic/callers.ts'
import { dockerRuntime, watchEngine } from './docker.ts'
import { networkOver } from './network/docker.ts'
import type { NetworkWorld } from './network/network.ts'
import type { ProcessWorld } from './process.ts'
import { PORT, settingsOf, startNode } from './small-node.fixture.ts'

const CALLERS_IMAGE = process.env.FIREDRILL_CALLERS_IMAGE ?? 'firedrill/callers:local'
const HELPER_IMAGE = process.env.FIREDRILL_FAULT_HELPER_IMAGE ?? 'firedrill/fault-helper:local'
const READY_LIMIT_MS = 20_000
const NEXT_TRY_MS = 10

/** A node to break, and the one that a wrong injector breaks in its place. */
export interface Pair {
  readonly target: Node
  readonly other: Node
}

export interface SmallDeployment {
  readonly topology: Topology
  readonly clock: ReturnType<typeof clockSince>
  readonly callers: Callers
  readonly processes: ProcessWorld
  readonly network: NetworkWorld
  /** Nobody breaks it: it is who a node is parted from. */
  readonly beyond: Node
  /** A folder of this deployment's own, gone at its end. */
  readonly folder: string
  /** What the engine said since an instant, as events. */
  engineEvents(since: number): ReturnType<ReturnType<typeof openRecorder>['events']>
  /** Lends the first pair that is free and answers, and waits for one. */
  withPair<T>(act: (pair: Pair) => Promise<T>): Promise<T>
  /** Whatever a fault left of itself on these nodes, as sentences. */
  leftOn(nodes: readonly Node[]): Promise<readonly string[]>
  end(): Promise<void>
}

export interface SmallPlan {
  readonly pairs: number
  /** Three octets of a /24 that nobody has: '10.213.84'. */
  readonly subnet: string
  /** How long witnesses wait for what does not come; as long as in a drill where nothing is said. */
  readonly patienceMs?: number
}

/** Starts it. `end` removes everything that carries the run's label. */
export const startSmallDeployment = async (plan: SmallPlan): Promise<SmallDeployment> => {
  const { subnet } = plan
  const run = `kit-${randomBytes(3).toString('hex')}`
  await takeLease({ run, kind: 'drill', subnet })
  const end = async (): Promise<void> => {
    await withEngineUnstuck(run, () => remove(run))
    await endLease(run)
  }
  try {
    return await startOn({ ...plan, run, end })
  } catch (error) {
    await end()
    throw error
  }
}

const startOn = async (plan: SmallPlan & { readonly run: string; end(): Promise<void> }): Promise<SmallDeployment> => {
  const { run, subnet, patienceMs } = plan
  const patience = patienceMs === undefined ? {} : { attestLimitMs: patienceMs }
  const IPAM = { Config: [{ Subnet: `${subnet}.0/24` }] }
  await docker().createNetwork({ Name: run, Labels: { 'firedrill.run': run }, IPAM })
  const names = Array.from({ length: plan.pairs }, (_, i) => [`target-${i + 1}`, `other-${i + 1}`]).flat()
  const started = await Promise.all(['beyond', ...names].map((name, i) => startNode(run, name, `${subnet}.${10 + i}`)))
  const [beyond, ...nodes] = started
  if (!beyond) throw new RangeError('No node was started.')
  const topology: Topology = { stack: 'small', project: run, network: run, subnet, nodes: started }

  const folder = await mkdtemp(join(tmpdir(), 'firedrill-kit-'))
  const clock = clockSince()
  const recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor([]))
  const engine = await watchEngine({ topology, recorder, clock })
  const callers = await startCallers({
    image: CALLERS_IMAGE,
    network: run,
    run,
    seed: 1,
    zone: 'outside',
    nodes: started.map(({ name }) => name),
    clock,
    recorder,
    folder,
    name: `${run}-callers`,
  })
  const probe: ProcessWorld['probe'] = (address, port, limitMs) => callers.connect(address, port, limitMs)
  const network: NetworkWorld = {
    ...networkOver({ run, probe, clock, image: HELPER_IMAGE }),
    keep: keptBy(callers),
    ...patience,
  }
  const processes: ProcessWorld = {
    runtime: dockerRuntime,
    engine,
    clock,
    probe,
    ask: async (url, timeoutMs) => {
      const { ok, from, to } = await callers.get(url, { timeoutMs })
      return { answered: ok, from, to }
    },
    resolve: (name, timeoutMs) => callers.resolve(name, timeoutMs),
    ...patience,
  }

  const answering = async ({ name, containers }: Node): Promise<void> => {
    const until = clock.now() + READY_LIMIT_MS
    for (const { address } of containers) {
      while (!(await processes.ask(`http://${address}:${PORT}/`, 250)).answered) {
        if (clock.now() > until) throw new Error(`${name} gives no answer within ${READY_LIMIT_MS / 1000} s.`)
        await pause(NEXT_TRY_MS)
      }
    }
  }
  await Promise.all(started.map(answering))
  const asMade = new Map(await Promise.all(started.map(async (node) => [node.name, await settingsOf(node)] as const)))

  const free: Pair[] = Array.from({ length: plan.pairs }, (_, i) => i).flatMap((i) => {
    const [target, other] = nodes.slice(2 * i, 2 * i + 2)
    return target && other ? [{ target, other }] : []
  })
  const waiting: ((pair: Pair) => void)[] = []

  return {
    topology,
    clock,
    callers,
    processes,
    network,
    beyond,
    folder,
    engineEvents: (since) => recorder.events().filter((event) => event.kind === 'engine' && event.at >= since),
    async withPair(act) {
      const pair = free.shift() ?? (await new Promise<Pair>((resolve) => void waiting.push(resolve)))
      try {
        await Promise.all([answering(pair.target), answering(pair.other)])
        return await act(pair)
      } finally {
        const next = waiting.shift()
        if (next) next(pair)
        else free.push(pair)
      }
    },
    async leftOn(of) {
      await network.network.settled()
      const looks = of.map(async (node): Promise<readonly string[]> => {
        const now = await settingsOf(node)
        const was = asMade.get(node.name)
        const tables = await Promise.all(node.containers.map(({ id }) => network.network.look(id)))
        await network.network.settled()
        const ids = node.containers.map(({ id }) => id)
        const label = [`firedrill.run=${run}`, 'firedrill.part=helper']
        const helpers = await docker().listContainers({ all: true, filters: { label } })
        const others = await docker().listContainers({
          all: true,
          filters: { label: [`firedrill.run=${run}`, REPLACES] },
        })
        return [
          ...(now === was ? [] : [`${node.name} is ${now}, and was ${was}`]),
          ...(tables.includes(true) ? [`${node.name} has a packet rule of ours`] : []),
          ...helpers
            .filter(({ Labels }) => ids.includes(Labels['firedrill.holds'] ?? ''))
            .map(({ Names }) => `${node.name} has the helper ${Names.join()}`),
          ...others
            .filter(({ Labels }) => ids.includes(Labels[REPLACES] ?? ''))
            .map(({ Names }) => `${node.name} is replaced by ${Names.join()}`),
        ]
      })
      return (await Promise.all(looks)).flat()
    },
    async end() {
      engine.stop()
      await callers.stop()
      recorder.close()
      await plan.end()
      await rm(folder, { recursive: true })
    },
  }
}
