// What stop, kill and restart share: the witnesses of a process that goes away, and of one that comes back.

import type { Evidence } from '../history/event.ts'
import type { Clock } from '../time/clock.ts'
import type { Container, Node } from '../topology/topology.ts'
import { watchAnswers } from './answers.ts'
import type { EngineWatch } from './docker.ts'
import type { Attestation } from './kind.ts'
import { type Sighting, watchListener } from './listener.ts'
import type { Ask, Probe, Runtime } from './runtime.ts'

/** How long witnesses go on looking once the injector says it is done. */
const ATTEST_LIMIT_MS = 5000

/** The engine's stamps may lag or lead ours by its own scheduling. */
const STAMP_SLACK_MS = 50

/** What process faults work with. */
export interface ProcessWorld {
  readonly runtime: Runtime
  readonly engine: EngineWatch
  readonly probe: Probe
  readonly ask: Ask
  readonly clock: Clock
}

const together = (sightings: readonly (Sighting | null)[]): Attestation['bounds'] => {
  const bounds = sightings.filter((sighting) => sighting !== null).map((sighting) => sighting.bounds)
  if (bounds.length === 0) return null
  // A node of several containers is gone when its last one is.
  return [Math.max(...bounds.map(([atLeast]) => atLeast)), Math.max(...bounds.map(([, atMost]) => atMost))]
}

/** Looks while the act is under way, and for a while after it is said to be done. */
const sightedWhile = async (
  look: (limit: AbortSignal) => Promise<Sighting | null>,
  act: Promise<void>,
): Promise<Sighting | null> => {
  const limit = new AbortController()
  const sighting = look(limit.signal)
  const giveUp = act.catch(() => {}).then(() => setTimeout(() => limit.abort(), ATTEST_LIMIT_MS))
  try {
    return await sighting
  } finally {
    clearTimeout(await giveUp)
  }
}

const engineSaid = async (
  world: ProcessWorld,
  container: Container,
  action: string,
  since: number,
): Promise<Evidence> => {
  const event = await world.engine.saw(container.id, action, since - STAMP_SLACK_MS, ATTEST_LIMIT_MS)
  const source = 'engine event'
  if (!event) {
    return {
      source,
      said: `no '${action}' event of ${container.name} within ${ATTEST_LIMIT_MS / 1000} s`,
      confirms: false,
      at: world.clock.now(),
      container: container.name,
    }
  }
  const exit = event.exitCode === undefined ? '' : `, exit code ${event.exitCode}`
  return {
    source,
    said: `'${action}' of ${container.name}${exit}`,
    confirms: true,
    at: event.at,
    container: container.name,
  }
}

const stateSaid = async (
  world: ProcessWorld,
  container: Container,
  wanted: 'running' | 'gone' | 'paused',
): Promise<Evidence> => {
  const state = await world.runtime.state(container.id)
  const words = state.running ? 'running' : state.paused ? 'paused' : `exited with ${state.exitCode}`
  return {
    source: 'container state',
    said: `${container.name} is ${words}`,
    confirms: wanted === 'paused' ? state.paused : !state.paused && state.running === (wanted === 'running'),
    at: world.clock.now(),
    container: container.name,
  }
}

/** SIGKILL where a graceful stop was asked for means that the limit cut the drain: the fault was another one. */
const contradictsGrace = async (world: ProcessWorld, container: Container): Promise<Evidence | null> => {
  const { exitCode } = await world.runtime.state(container.id)
  if (exitCode !== 137) return null
  return {
    source: 'container state',
    said: `${container.name} exited by SIGKILL: it was not a graceful stop`,
    confirms: false,
    at: world.clock.now(),
    container: container.name,
  }
}

/** Witnesses that every container of a node is gone: its listener is silent, the engine says 'die', its state says exited. */
export const attestGone = async (
  world: ProcessWorld,
  node: Node,
  injected: Promise<void>,
  options: { graceful: boolean },
): Promise<Attestation> => {
  const since = world.clock.now()
  const sightings = await Promise.all(
    node.containers.map((container) =>
      sightedWhile((limit) => watchListener(world.probe, container, 'silent', limit), injected),
    ),
  )
  await injected
  const evidence = await Promise.all(
    node.containers.flatMap((container) => [
      engineSaid(world, container, 'die', since),
      stateSaid(world, container, 'gone'),
      options.graceful ? contradictsGrace(world, container) : null,
    ]),
  )
  return {
    evidence: [...sightings.map((sighting) => sighting?.evidence ?? null), ...evidence].filter((each) => each !== null),
    bounds: together(sightings),
  }
}

/** Witnesses that every container of a node runs again: the engine says 'start', its state says running, its address answers. */
export const attestBack = async (world: ProcessWorld, node: Node, healed: Promise<void>): Promise<Attestation> => {
  const since = world.clock.now()
  const sightings = await Promise.all(
    node.containers.map((container) =>
      sightedWhile((limit) => watchListener(world.probe, container, 'present', limit), healed),
    ),
  )
  await healed
  const evidence = await Promise.all(
    node.containers.flatMap((container) => [
      engineSaid(world, container, 'start', since),
      stateSaid(world, container, 'running'),
    ]),
  )
  return {
    evidence: [...sightings.map((sighting) => sighting?.evidence ?? null), ...evidence].filter((each) => each !== null),
    bounds: together(sightings),
  }
}

/** Witnesses that every process of a node stands still, or goes on: its HTTP port, the engine's event, and its state. */
const attestFreezing = async (
  world: ProcessWorld,
  node: Node,
  act: Promise<void>,
  expected: {
    readonly port: 'answers' | 'silent'
    readonly event: 'pause' | 'unpause'
    readonly state: 'running' | 'paused'
  },
): Promise<Attestation> => {
  const since = world.clock.now()
  const sightings = await Promise.all(
    node.containers.map((container) =>
      sightedWhile((limit) => watchAnswers(world.ask, container, expected.port, limit), act),
    ),
  )
  await act
  const evidence = await Promise.all(
    node.containers.flatMap((container) => [
      engineSaid(world, container, expected.event, since),
      stateSaid(world, container, expected.state),
    ]),
  )
  return {
    evidence: [...sightings.map((sighting) => sighting?.evidence ?? null), ...evidence].filter((each) => each !== null),
    bounds: together(sightings),
  }
}

/** Witnesses that a node stands still. Its listeners still take connections, so only an answer that stays away shows it. */
export const attestFrozen = (world: ProcessWorld, node: Node, injected: Promise<void>): Promise<Attestation> =>
  attestFreezing(world, node, injected, { port: 'silent', event: 'pause', state: 'paused' })

/** Witnesses that a node goes on. */
export const attestThawed = (world: ProcessWorld, node: Node, healed: Promise<void>): Promise<Attestation> =>
  attestFreezing(world, node, healed, { port: 'answers', event: 'unpause', state: 'running' })
