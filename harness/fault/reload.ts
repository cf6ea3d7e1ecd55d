// reload: a balancer's master reads its configuration again and starts another worker; an act with an end, which leaves nothing to hold.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../history/event.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Container } from '../topology/topology.ts'
import { masterIn } from './haproxy-master.ts'
import type { Attestation, Kind } from './kind.ts'
import { watchListener } from './listener.ts'
import { type ProcessWorld, STAMP_SLACK_MS } from './process.ts'
import { each } from './resource.ts'
import { ATTEST_LIMIT_MS, asAttestation, type Sighting, sightedWhile, together } from './sighting.ts'

/** What a reload works with. */
export interface ReloadWorld extends ProcessWorld {
  /** The process that answers on the balancer's own socket, by its number inside; null where none is published. Rejects where nobody answers. */
  answering(container: Container): Promise<number | null>
}

/** A container before its reload. */
interface Before {
  readonly workers: readonly number[]
  readonly startedAt: string
}

/** SIGUSR2 as the engine writes it down: its kernel is Linux, whatever this machine is. */
const SIGUSR2 = '12'

/** A worker that still took connections would be given one in two: so many in a row are the other's by a chance of one in 256. */
const LOOKS_IN_A_ROW = 8
const NEXT_LOOK_MS = 10

/**
 * In effect: on the balancer's own socket connections are answered by a worker that was not there before, the master has that worker,
 * and the engine sent the signal and saw nobody end. Clear: it takes connections for callers too. The worker before may be there
 * still: it finishes its calls, and how long it may is its own setting. There is nothing to put back, so `heal` does nothing, and
 * nothing is left behind by a harness that dies: the master ends what it was asked, or goes on with the worker it has.
 */
export const reload = (world: ReloadWorld): Kind => {
  const { runtime, clock, engine, attestLimitMs = ATTEST_LIMIT_MS } = world
  const before = new Map<string, Before>()
  const after = new Map<string, number>()

  const check = async (container: Container): Promise<void> => {
    const master = await masterIn(runtime, container.id)
    if (!master)
      throw new ScenarioError(
        `Refused reload of ${container.name}: nobody there would read the configuration again, since its program is no master of HAProxy's that has a worker, or there is no shell to look. Start HAProxy with -W as the container's own program, or use restart.`,
        { code: 'ERR_RELOAD' },
      )
    before.set(container.id, { workers: master.workers, startedAt: (await runtime.state(container.id)).startedAt })
  }

  /** Whoever answers; where nobody can be asked, the worker that the master has besides those it had. */
  const workerOf = async (container: Container, was: Before): Promise<number | null> => {
    const answering = await world.answering(container)
    if (answering !== null) return answering
    const { workers = [] } = (await masterIn(runtime, container.id)) ?? {}
    return workers.find((worker) => !was.workers.includes(worker)) ?? workers[0] ?? null
  }

  const looked = async (container: Container, was: Before): Promise<number | null> =>
    workerOf(container, was).catch(() => null)

  /** Looks until the connections are another worker's alone. Null when `limit` aborts first. */
  const watchSuccessor = async (
    container: Container,
    was: Before,
    limit: AbortSignal,
  ): Promise<(Sighting & { readonly worker: number }) | null> => {
    let lastContrary: number | null = null
    let row: readonly number[] = []
    while (!limit.aborted) {
      const from = clock.now()
      const worker = await looked(container, was)
      const at = clock.now()
      const isSuccessor = worker !== null && !was.workers.includes(worker)
      row = isSuccessor ? [...row.filter((each) => each === worker), worker] : []
      if (isSuccessor && row.length === LOOKS_IN_A_ROW)
        return { evidence: answers(container, worker, true, at), bounds: [lastContrary ?? from, at], worker }
      if (isSuccessor) continue
      lastContrary = from
      await pause(NEXT_LOOK_MS, undefined, { signal: limit }).catch(() => {})
    }
    return null
  }

  /** The processes themselves, whoever answers. Looked at once: a program that is run inside costs the machine that callers share. */
  const listed = async (container: Container, was: Before): Promise<Evidence> => {
    const { workers = [] } = (await masterIn(runtime, container.id)) ?? {}
    const [others, left] = [
      workers.filter((worker) => !was.workers.includes(worker)),
      was.workers.filter((worker) => workers.includes(worker)),
    ]
    return {
      source: 'processes inside',
      said: `${container.name} has ${sayWorkers(others)} anew; of before ${left.length > 0 ? `it has ${sayWorkers(left)} still` : `${sayWorkers(was.workers)} is gone`}`,
      confirms: others.length > 0,
      at: clock.now(),
      container: container.name,
    }
  }

  const signalled = async ({ id, name }: Container, since: number): Promise<Evidence> => {
    const event = await engine.saw(id, 'kill', since - STAMP_SLACK_MS, attestLimitMs)
    return {
      source: 'engine event',
      said: event
        ? `'kill' of ${name} with signal ${event.signal ?? 'unknown'}; ${SIGUSR2} is what a master reloads by`
        : `no signal to ${name} within ${attestLimitMs / 1000} s`,
      confirms: event?.signal === SIGUSR2,
      // Another signal is a word on the whole of it, and not "not yet".
      at: event?.signal === SIGUSR2 ? event.at : clock.now(),
      container: name,
    }
  }

  /** A container that was started again has another worker too. */
  const restarted = async ({ id, name }: Container, { startedAt }: Before): Promise<readonly Evidence[]> => {
    const now = await runtime.state(id)
    if (now.running && now.startedAt === startedAt) return []
    const said = now.running
      ? `${name} was started at ${now.startedAt}, and not at ${startedAt} as before: it was restarted, and not reloaded`
      : `${name} does not run: it ended, and was not reloaded`
    return [{ source: 'container state', said, confirms: false, at: clock.now(), container: name }]
  }

  const attest = async (container: Container, injected: Promise<void>): Promise<Attestation> => {
    const since = clock.now()
    const was = before.get(container.id)
    if (!was) return injected.then(() => ({ evidence: [], bounds: null }))
    const seen = await sightedWhile((limit) => watchSuccessor(container, was, limit), injected, attestLimitMs)
    await injected
    if (seen) after.set(container.id, seen.worker)
    const first = seen?.evidence ?? answers(container, await looked(container, was), false, clock.now())
    const others = await Promise.all([listed(container, was), signalled(container, since)])
    return { evidence: [first, ...others, ...(await restarted(container, was))], bounds: seen?.bounds ?? null }
  }

  /** Whether the worker of the reload answers still, in the container that had it. */
  const answersStill = async (container: Container): Promise<readonly Evidence[]> => {
    const [was, is] = [before.get(container.id), after.get(container.id)]
    if (!was || is === undefined) return []
    const worker = await looked(container, was)
    return [answers(container, worker, worker === is, clock.now()), ...(await restarted(container, was))]
  }

  const attestClear = async (container: Container, healed: Promise<void>): Promise<Attestation> => {
    // There is nothing that healing changes, and so nothing to see before it.
    await healed
    const look = (limit: AbortSignal) => watchListener(world.probe, forCallers(container), 'listening', limit)
    const { evidence, bounds } = asAttestation(await sightedWhile(look, healed, attestLimitMs))
    return { evidence: [...evidence, ...(await answersStill(container))], bounds }
  }

  return {
    kind: 'reload',
    check: (node) => each(node, check),
    undo: () => [],
    inject: (node) => each(node, ({ id }) => runtime.signal(id, 'SIGUSR2')),
    attest: async (node, injected) =>
      together(await Promise.all(node.containers.map((container) => attest(container, injected)))),
    attestHeld: async (node) => (await Promise.all(node.containers.map(answersStill))).flat(),
    heal: async () => {},
    attestClear: async (node, healed) =>
      together(await Promise.all(node.containers.map((container) => attestClear(container, healed)))),
  }
}

/** Its own socket is asked anyway. */
const forCallers = (container: Container): Container => {
  const { balancer: _, ...ports } = container.ports
  return { ...container, ports }
}

const sayWorkers = (workers: readonly number[]): string =>
  workers.length === 0 ? 'no worker' : `worker ${workers.join(' and ')}`

const answers = ({ name }: Container, worker: number | null, confirms: boolean, at: number): Evidence => ({
  source: 'balancer state',
  said: worker === null ? `nobody answers for ${name}` : `worker ${worker} answers for ${name}`,
  confirms,
  at,
  container: name,
})
