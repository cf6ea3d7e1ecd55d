// A deployment in memory: containers that run or do not, on a clock that moves by one ms with whatever happens.
import type { Container, Node } from '../topology/topology.ts'
import type { EngineEvent } from './docker.ts'
import type { ProcessWorld } from './process.ts'
import type { Ask, ContainerState, Probe } from './runtime.ts'

/** An event that is still to come does so within this, real ms. */
const SOON_MS = 400

const containerAt = (name: string, place: number): Container => ({
  id: name,
  name,
  service: name,
  address: `10.99.0.${place}`,
  image: 'i',
  ports: { http: { inside: 9080 } },
})

/** A node of two containers, and one of one. */
export const target: Node = {
  name: 'control-plane-1',
  role: 'control-plane',
  zone: 'a',
  containers: [containerAt('dashboard', 1), containerAt('dp-manager', 2)],
}
export const other: Node = { ...target, name: 'control-plane-2', containers: [containerAt('other', 3)] }

const CONTAINERS = [...target.containers, ...other.containers]

export const inMemory = () => {
  const running = new Map(CONTAINERS.map(({ name }) => [name, true]))
  const exitCodes = new Map<string, number>()
  const starts = new Map<string, number>()
  const paused = new Set<string>()
  const executed: string[] = []
  const events: EngineEvent[] = []
  const waiting = new Set<() => void>()
  let nowMs = 1000
  const note = (name: string, action: string, signal?: string): void => {
    nowMs += 1
    events.push({ at: nowMs, container: name, node: 'any', action, ...(signal && { signal }) })
    for (const wake of waiting) wake()
  }
  const end = (name: string, code: number): void => {
    running.set(name, false)
    exitCodes.set(name, code)
    note(name, 'die')
  }
  const start = async (name: string): Promise<void> => {
    if (running.get(name)) return
    running.set(name, true)
    starts.set(name, (starts.get(name) ?? 0) + 1)
    note(name, 'start')
  }
  const nameOf = (address: string): string => CONTAINERS.find((each) => each.address === address)?.name ?? ''
  const probe: Probe = async (address) => {
    nowMs += 1
    return { outcome: running.get(nameOf(address)) ? 'connected' : 'refused', from: nowMs - 1, to: nowMs }
  }
  const ask: Ask = async (url) => {
    nowMs += 1
    return { answered: !paused.has(nameOf(new URL(url).hostname)), from: nowMs - 1, to: nowMs }
  }
  const freeze = (isFrozen: boolean) => async (name: string) => {
    if (isFrozen) paused.add(name)
    else paused.delete(name)
    note(name, isFrozen ? 'pause' : 'unpause')
  }
  const world: ProcessWorld = {
    clock: {
      now: () => {
        nowMs += 0.001
        return nowMs
      },
    },
    probe,
    ask,
    resolve: async () => ({ addresses: [], from: nowMs, to: nowMs }),
    engine: {
      saw: (name, action, since, limitMs) =>
        new Promise((resolve) => {
          const settle = (event: EngineEvent | null): void => {
            waiting.delete(look)
            clearTimeout(limit)
            resolve(event)
          }
          const look = (): void => {
            const found = events.find((each) => each.container === name && each.action === action && each.at >= since)
            if (found) settle(found)
          }
          const limit = setTimeout(() => settle(null), Math.min(limitMs, SOON_MS))
          waiting.add(look)
          look()
        }),
      stop: () => {},
    },
    runtime: {
      stop: async (name) => end(name, 0),
      kill: async (name) => {
        note(name, 'kill', '9')
        end(name, 137)
      },
      signal: async (name) => note(name, 'kill', '12'),
      start,
      pause: freeze(true),
      unpause: freeze(false),
      state: async (name): Promise<ContainerState> => ({
        running: (running.get(name) ?? false) && !paused.has(name),
        paused: paused.has(name),
        exitCode: exitCodes.get(name) ?? 0,
        oomKilled: false,
        restarts: 0,
        startedAt: `start ${starts.get(name) ?? 0}`,
      }),
      settings: async () => ({
        hasInit: true,
        isRestarted: false,
        limits: { cores: {}, memory: {} },
        mounts: [],
      }),
      execute: async (name, command) => {
        executed.push(`${name}: ${command.join(' ')}`)
        // The one program that these containers take notice of: a signal to whatever is their init's child.
        if (command.some((word) => word.includes('kill -SEGV'))) end(name, 139)
        return { exitCode: 0, output: '' }
      },
      limitCores: async () => {},
      limitMemory: async () => {},
      giveBack: async () => {},
    },
  }
  return { world, running, exitCodes, executed, end }
}
