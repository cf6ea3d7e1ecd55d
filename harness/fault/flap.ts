// flap: the node goes down and comes up, again and again; healed by a start that nothing follows.
import { setTimeout as pause } from 'node:timers/promises'
import type { Evidence } from '../history/event.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Container, Node } from '../topology/topology.ts'
import type { EngineEvent } from './docker.ts'
import type { Attestation, Kind } from './kind.ts'
import { watchListener } from './listener.ts'
import { attestBack, type ProcessWorld, startEach, undoEach } from './process.ts'
import { each } from './resource.ts'
import { ATTEST_LIMIT_MS, sightedWhile, together } from './sighting.ts'

export interface FlapOptions {
  /** How long it is down each time, ms; the engine's own time for a start comes on top. */
  readonly downMs?: number
  /** How long it is up each time, ms. */
  readonly upMs?: number
}

const LEAST_MS = 50
const MOST_MS = 30_000

/** One node that flaps: it goes on until `end` resolves. */
interface Flapping {
  end(): Promise<void>
}

/** Throws ScenarioError on a time out of range. */
export const flap = (world: ProcessWorld, { downMs = 1000, upMs = 2000 }: FlapOptions = {}): Kind => {
  refuseOutOfRange({ downMs, upMs })
  const { clock, attestLimitMs = ATTEST_LIMIT_MS } = world
  const flapping = new Map<string, Flapping>()
  const begunAt = new Map<string, number>()
  // A beat of the pattern that is later than this is missing.
  const beatMs = Math.max(downMs, upMs) + attestLimitMs

  return {
    kind: 'flap',
    asked: { downMs, upMs },
    undo: (node) => undoEach(node, 'start'),
    // The first time down is the caller's to wait for.
    inject: async (node) => {
      await killEach(world, node)
      flapping.set(node.name, goOn(world, node, { downMs, upMs }))
    },
    attest: async (node, injected) => {
      begunAt.set(node.name, clock.now())
      return together(
        await Promise.all(node.containers.map((container) => attestBeats(world, container, { injected, beatMs }))),
      )
    },
    attestHeld: (node) => Promise.all(node.containers.map((container) => goesOn(world, container, beatMs))),
    heal: async (node) => {
      await flapping.get(node.name)?.end()
      flapping.delete(node.name)
      await startEach(world, node)
    },
    attestClear: (node, healed) => attestBack(world, node, healed, begunAt.get(node.name) ?? clock.now()),
  }
}

const refuseOutOfRange = (times: Readonly<Record<string, number>>): void => {
  for (const [name, ms] of Object.entries(times))
    if (!(ms >= LEAST_MS && ms <= MOST_MS))
      throw new ScenarioError(`flap: ${name} is ${ms}, expected ${LEAST_MS} to ${MOST_MS} ms.`, {
        code: 'ERR_FAULT_OPTION',
      })
}

/** One that came up and ended by itself is down already, and the engine refuses to kill it. */
const killEach = ({ runtime }: ProcessWorld, node: Node): Promise<void> =>
  each(node, async ({ id }) => {
    if ((await runtime.state(id)).running) await runtime.kill(id)
  })

/** Of a node that is down: up, down, and so on by itself; it stops where it fails. */
const goOn = (world: ProcessWorld, node: Node, { downMs, upMs }: Required<FlapOptions>): Flapping => {
  const over = new AbortController()
  const going = async (): Promise<void> => {
    for (;;) {
      await pause(downMs, undefined, { signal: over.signal })
      await startEach(world, node)
      await pause(upMs, undefined, { signal: over.signal })
      await killEach(world, node)
    }
  }
  // It ends by being told to, or by an engine that refuses: then the missing beats say so.
  const ended = going().catch(() => {})
  return {
    end: async () => {
      over.abort()
      await ended
    },
  }
}

const attestBeats = async (
  world: ProcessWorld,
  container: Container,
  { injected, beatMs }: { readonly injected: Promise<void>; readonly beatMs: number },
): Promise<Attestation> => {
  const since = world.clock.now()
  const sighting = await sightedWhile((limit) => watchListener(world.probe, container, 'silent', limit), injected)
  await injected
  const pattern = await beats(world, container, { since, beatMs })
  return {
    evidence: sighting ? [sighting.evidence, pattern] : [pattern],
    bounds: sighting?.bounds ?? null,
  }
}

/** Down, up, and down again, each after the one before. */
const beats = async (
  { engine, clock }: ProcessWorld,
  container: Container,
  { since, beatMs }: { readonly since: number; readonly beatMs: number },
): Promise<Evidence> => {
  const seen: EngineEvent[] = []
  for (const action of ['die', 'start', 'die'] as const) {
    const event = await engine.saw(container.id, action, seen.at(-1)?.at ?? since, beatMs)
    if (!event) return evidence(container, `${container.name}: no '${action}' after ${words(seen)}`, false, clock.now())
    seen.push(event)
  }
  return evidence(container, `${container.name}: ${words(seen)}`, true, seen.at(-1)?.at ?? since)
}

/** Only beats that are still to come show that it goes on. One may be the end of it, stamped late: two are a pattern. */
const goesOn = async ({ engine, clock }: ProcessWorld, container: Container, beatMs: number): Promise<Evidence> => {
  const now = clock.now()
  const first = await Promise.race([
    engine.saw(container.id, 'die', now, beatMs),
    engine.saw(container.id, 'start', now, beatMs),
  ])
  const after = first?.action === 'die' ? 'start' : 'die'
  const next = first && (await engine.saw(container.id, after, first.at, beatMs))
  if (next) return evidence(container, `${container.name} flaps still: ${words([first, next])}`, true, next.at)
  const missing = first ? `no '${after}' after ${words([first])}` : "neither 'die' nor 'start'"
  return evidence(container, `${container.name}: ${missing}, for ${beatMs / 1000} s`, false, clock.now())
}

const evidence = (container: Container, said: string, confirms: boolean, at: number): Evidence => ({
  source: 'engine event',
  said,
  confirms,
  at,
  container: container.name,
})

const words = (events: readonly EngineEvent[]): string =>
  events.length === 0 ? 'nothing' : events.map(({ action, at }) => `'${action}' at ${Math.round(at)} ms`).join(', ')
