// What stop, kill and restart share: the witnesses of a process that goes away, and of one that comes back.

import type { Evidence } from '../history/event.ts'
import type { Clock } from '../time/clock.ts'
import type { Container, Node } from '../topology/topology.ts'
import { httpPort, watchAnswers } from './answers.ts'
import type { EngineWatch } from './docker.ts'
import { all } from './each-node.ts'
import type { Attestation } from './kind.ts'
import { hasPort, watchListener } from './listener.ts'
import type { Ask, Probe, Resolve, Runtime } from './runtime.ts'
import { ATTEST_LIMIT_MS, asAttestation, type Sighting, sightedWhile, together } from './sighting.ts'
import type { Undo } from './undo.ts'

/** The engine's stamps may lag or lead ours by its own scheduling. */
export const STAMP_SLACK_MS = 50

/** What process faults work with. */
export interface ProcessWorld {
  readonly runtime: Runtime
  readonly engine: EngineWatch
  readonly probe: Probe
  readonly ask: Ask
  readonly resolve: Resolve
  readonly clock: Clock
  /** Saves what one wrote that stands in the container's place, and writes down where it could not. Never rejects; nothing is saved where absent. */
  readonly keepLog?: (container: Container, standIn: string) => Promise<void>
  /** How long witnesses go on looking once the injector says it is done; 5 s by default. */
  readonly attestLimitMs?: number
}

/** The engine's own word, from its events. */
export const engineSaid = async (
  world: ProcessWorld,
  container: Container,
  action: string,
  since: number,
): Promise<Evidence> => {
  const limitMs = world.attestLimitMs ?? ATTEST_LIMIT_MS
  const event = await world.engine.saw(container.id, action, since - STAMP_SLACK_MS, limitMs)
  const source = 'engine event'
  if (!event) {
    return {
      source,
      said: `no '${action}' event of ${container.name} within ${limitMs / 1000} s`,
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

/** What the engine says the container is doing now. */
export const stateSaid = async (
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

/** What the probes saw of every container while the act was under way, and then what the others say. */
const witnessed = async (
  { attestLimitMs, clock }: ProcessWorld,
  node: Node,
  act: Promise<void>,
  look: (container: Container, limit: AbortSignal) => Promise<Sighting | null>,
  others: (container: Container) => readonly (Promise<Evidence | null> | null)[],
  unchanged: (container: Container) => string | null = () => null,
): Promise<Attestation> => {
  const sightings = await Promise.all(
    node.containers.map((container) => sightedWhile((limit) => look(container, limit), act, attestLimitMs)),
  )
  await act
  const never = node.containers.flatMap((container, place): readonly Evidence[] => {
    const said = sightings[place] ? null : unchanged(container)
    const { name } = container
    return said ? [{ source: 'probe from inside', said, confirms: false, at: clock.now(), container: name }] : []
  })
  const said = await Promise.all(node.containers.flatMap(others))
  const seen = together(sightings.map(asAttestation))
  return { ...seen, evidence: [...seen.evidence, ...never, ...said.filter((each) => each !== null)] }
}

/** The word of a probe that looked for as long as it may, and to which a container always did the same. */
const always = ({ attestLimitMs = ATTEST_LIMIT_MS }: ProcessWorld, { name }: Container, does: string): string =>
  `${name} ${does} still, ${attestLimitMs / 1000} s later, for a container on the same network`

/**
 * Witnesses that every container of a node is gone: its listener is silent, the engine says 'die', its state says exited.
 * `stays` names those that need not be gone when they are looked at, `others` what else there is to say of one.
 */
export const attestGone = async (
  world: ProcessWorld,
  node: Node,
  injected: Promise<void>,
  options: {
    readonly graceful: boolean
    readonly stays?: (container: Container) => boolean
    readonly others?: (container: Container) => readonly Promise<Evidence | null>[]
  },
): Promise<Attestation> => {
  const { graceful, stays = () => true, others = () => [] } = options
  const since = world.clock.now()
  return witnessed(
    world,
    node,
    injected,
    async (container, limit) => {
      const seen = await watchListener(world.probe, container, 'silent', limit)
      return seen && byItsEnd(world, container, seen, since)
    },
    (container) => {
      const died = engineSaid(world, container, 'die', since)
      // The engine learns of an end that it did not bring about a little after everybody else.
      const gone = stays(container) ? died.then(() => stateSaid(world, container, 'gone')) : null
      return [died, gone, graceful ? contradictsGrace(world, container) : null, ...others(container)]
    },
    // One that is started again at once may have been away between two tries.
    (container) => (stays(container) && hasPort(container) ? always(world, container, 'takes connections') : null),
  )
}

/**
 * A listener that has too much to do answers nobody either, and lives: where a try shows no more than that, the container had ended
 * when the engine says so, or when the try was over, whichever came first.
 */
const byItsEnd = async (
  { engine, attestLimitMs = ATTEST_LIMIT_MS }: ProcessWorld,
  { id }: Container,
  seen: Sighting,
  since: number,
): Promise<Sighting> => {
  if (seen.unansweredUntil === undefined) return seen
  const died = await engine.saw(id, 'die', since - STAMP_SLACK_MS, attestLimitMs)
  const [atLeast, atMost] = seen.bounds
  return died ? { ...seen, bounds: [atLeast, Math.max(atMost, Math.min(died.at, seen.unansweredUntil))] } : seen
}

/**
 * Witnesses that every container of a node runs again: the engine says 'start', its state says running, its address
 * answers. `since` is when that start may have been, where it need not be the heal's own.
 */
export const attestBack = async (
  world: ProcessWorld,
  node: Node,
  healed: Promise<void>,
  since = world.clock.now(),
): Promise<Attestation> => {
  return witnessed(
    world,
    node,
    healed,
    (container, limit) => watchListener(world.probe, container, 'present', limit),
    (container) => [engineSaid(world, container, 'start', since), stateSaid(world, container, 'running')],
  )
}

/** Witnesses that a node stands still. Its listeners still take connections, so only an answer that stays away shows it. */
export const attestFrozen = async (world: ProcessWorld, node: Node, injected: Promise<void>): Promise<Attestation> => {
  const since = world.clock.now()
  return witnessed(
    world,
    node,
    injected,
    (container, limit) => watchAnswers(world.ask, container, 'silent', limit),
    (container) => [engineSaid(world, container, 'pause', since), stateSaid(world, container, 'paused')],
    (container) => (httpPort(container) === null ? null : always(world, container, 'answers')),
  )
}

/** Witnesses that a node goes on. */
export const attestThawed = async (world: ProcessWorld, node: Node, healed: Promise<void>): Promise<Attestation> => {
  const since = world.clock.now()
  const seen = await witnessed(
    world,
    node,
    healed,
    (container, limit) => watchAnswers(world.ask, container, 'answers', limit),
    (container) => [engineSaid(world, container, 'unpause', since), stateSaid(world, container, 'running')],
  )
  const states = await Promise.all(node.containers.map((container) => stateSaid(world, container, 'paused')))
  const left = states.filter(({ confirms }) => confirms).map(({ said }) => said)
  return { ...seen, ...(left.length > 0 && { left }) }
}

/** Whether every container of a node is still as it was made, and the engine saw nobody undo it in between. */
export const attestStill = async (
  world: ProcessWorld,
  node: Node,
  since: number,
  { state, undoneBy }: { readonly state: 'gone' | 'paused'; readonly undoneBy: 'start' | 'unpause' },
): Promise<readonly Evidence[]> => {
  const undone = async (container: Container): Promise<Evidence | null> => {
    const event = await world.engine.saw(container.id, undoneBy, since, 0)
    if (!event) return null
    const said = `'${undoneBy}' of ${container.name}, before anybody healed it`
    return { source: 'engine event', said, confirms: false, at: event.at, container: container.name }
  }
  const said = await Promise.all(
    node.containers.flatMap((container) => [stateSaid(world, container, state), undone(container)]),
  )
  return said.filter((each) => each !== null)
}

/** Starts what does not run of a node, and what is about to end once it has. */
export const startEach = async ({ runtime }: ProcessWorld, node: Node): Promise<void> =>
  void (await all(node.containers.map(({ id }) => runtime.start(id))))

/** The same step for every container of a node. */
export const undoEach = (node: Node, act: 'start' | 'unpause'): readonly Undo[] =>
  node.containers.map(({ id }) => ({ act, container: id }))
