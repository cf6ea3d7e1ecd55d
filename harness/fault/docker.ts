// Process faults through the Docker engine, and the engine's own account of what it did.

import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { FaultError } from '../time/errors.ts'
import { docker, isAlready, untilEnded } from '../topology/docker.ts'
import type { Topology } from '../topology/topology.ts'
import { isEnding } from './ending.ts'
import { engineAheadMs } from './engine-clock.ts'
import { followEvents, type RawEvent } from './engine-stream.ts'
import { execute } from './execute.ts'
import { coreLimit, limitsOf, memoryLimit } from './limits.ts'
import type { ContainerSettings, ContainerState, Runtime } from './runtime.ts'

/** Docker's default when a container names no limit of its own, in seconds. */
const DEFAULT_STOP_LIMIT_S = 10

const unlessAlready = async (act: Promise<unknown>): Promise<void> => {
  await act.catch((error: unknown) => {
    if (!isAlready(error)) throw error
  })
}

/** A drain may take minutes; who heals waits no longer than this, and leaves the fault open. */
const END_LIMIT_MS = 10_000

/** Resolves once it has ended, where it is about to. */
const ended = async (container: string): Promise<void> => {
  const limit = AbortSignal.timeout(END_LIMIT_MS)
  if (!(await isEnding(container, limit))) return
  await untilEnded(container, limit).catch((error: unknown) => {
    if (!limit.aborted) throw error
    throw new FaultError(
      `${container.slice(0, 12)} was told to end and did not within ${END_LIMIT_MS / 1000} s: started now it would end afterwards, and stay down.`,
      { code: 'ERR_ENDING', cause: error },
    )
  })
}

/** The engine as a Runtime. */
export const dockerRuntime: Runtime = {
  async stop(container) {
    const { Config } = await docker().getContainer(container).inspect()
    const limit = (Config as { StopTimeout?: number }).StopTimeout ?? DEFAULT_STOP_LIMIT_S
    await unlessAlready(docker().getContainer(container).stop({ t: limit }))
  },
  kill: (container) => unlessAlready(docker().getContainer(container).kill({ signal: 'SIGKILL' })),
  signal: async (container, signal) => void (await docker().getContainer(container).kill({ signal })),
  async start(container) {
    await ended(container)
    await unlessAlready(docker().getContainer(container).start())
  },
  // The engine answers 409 where it is so already, as it does for a container that does not run: the state tells which.
  pause: async (container) => {
    if (!(await dockerRuntime.state(container)).paused) await docker().getContainer(container).pause()
  },
  unpause: async (container) => {
    if ((await dockerRuntime.state(container)).paused) await docker().getContainer(container).unpause()
  },
  async state(container): Promise<ContainerState> {
    const { State, RestartCount } = await docker().getContainer(container).inspect()
    return {
      running: State.Running && !State.Paused,
      paused: State.Paused,
      exitCode: State.ExitCode,
      oomKilled: State.OOMKilled,
      restarts: RestartCount,
      startedAt: State.StartedAt,
    }
  },
  async settings(container): Promise<ContainerSettings> {
    const { HostConfig, Mounts } = await docker().getContainer(container).inspect()
    return {
      hasInit: HostConfig.Init === true,
      isRestarted: !['', 'no'].includes(HostConfig.RestartPolicy?.Name ?? ''),
      limits: limitsOf(HostConfig),
      mounts: [...Mounts.map(({ Destination }) => Destination), ...Object.keys(HostConfig.Tmpfs ?? {})],
    }
  },
  execute,
  async limitCores(container, cores) {
    const { HostConfig } = await docker().getContainer(container).inspect()
    await docker().getContainer(container).update(coreLimit(HostConfig, cores))
  },
  limitMemory: async (container, bytes) => void (await docker().getContainer(container).update(memoryLimit(bytes))),
  giveBack: async (container, limits) => void (await docker().getContainer(container).update(limits)),
}

/** The engine's events about our containers, as they come. */
export interface EngineWatch {
  /** Resolves with the first event of this action on this container at or after `since`; null when `limitMs` passes. */
  saw(container: string, action: string, since: number, limitMs: number): Promise<EngineEvent | null>
  stop(): void
}

export interface EngineEvent {
  readonly at: number
  readonly container: string
  readonly node: string
  readonly action: string
  readonly exitCode?: number
  readonly signal?: string
}

const NOTED = new Set(['kill', 'die', 'stop', 'start', 'pause', 'unpause', 'oom', 'restart', 'update'])

/**
 * Follows the engine's event stream for a deployment and writes each event into the history at the engine's own time.
 * Rejects when the engine does not answer.
 */
export const watchEngine = async (options: {
  topology: Topology
  recorder: Recorder
  clock: Clock
}): Promise<EngineWatch> => {
  const { topology, recorder, clock } = options
  // The engine stamps with its wall clock, and ours may be slewed or stepped in the middle of a run: the two of ours are read
  // together for each event as it comes. Bounds come from the probe all the same.
  const aheadMs = await engineAheadMs()
  const ourTime = (timeNano: number): number => clock.now() - (Date.now() + aheadMs - timeNano / 1e6)
  const seen: EngineEvent[] = []
  const waiting = new Set<() => void>()
  const stream = await docker().getEvents({
    filters: { type: ['container'], label: [`firedrill.run=${topology.project}`, 'firedrill.node'] },
  })

  const note = (raw: RawEvent): void => {
    if (!NOTED.has(raw.Action)) return
    const { exitCode, signal } = raw.Actor.Attributes
    const event: EngineEvent = {
      at: ourTime(raw.timeNano),
      container: raw.Actor.ID,
      node: raw.Actor.Attributes['firedrill.node'] ?? 'unknown',
      action: raw.Action,
      ...(exitCode !== undefined && { exitCode: Number(exitCode) }),
      ...(signal !== undefined && { signal }),
    }
    seen.push(event)
    recorder.record({ kind: 'engine', ...event, container: raw.Actor.Attributes.name ?? raw.Actor.ID })
    for (const wake of waiting) wake()
  }
  followEvents(stream, note)

  return {
    saw: (container, action, since, limitMs) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = seen.find(
            (event) => event.container === container && event.action === action && event.at >= since,
          )
          if (found) settle(found)
        }
        const settle = (found: EngineEvent | null): void => {
          clearTimeout(limit)
          waiting.delete(look)
          resolve(found)
        }
        const limit = setTimeout(() => settle(null), limitMs)
        waiting.add(look)
        look()
      }),
    stop: () => (stream as unknown as { destroy(): void }).destroy(),
  }
}
