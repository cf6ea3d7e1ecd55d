// memory: the node may hold little more than it needs, and whoever in it asks for more is ended by the kernel.
import type { Evidence } from '../history/event.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Container } from '../topology/topology.ts'
import { type ControlGroup, groupSaid, neededBytes, readControlGroup } from './control-group.ts'
import type { Kind } from './kind.ts'
import { UNLIMITED_BYTES } from './limits.ts'
import { type ProcessWorld, stateSaid, undoEach } from './process.ts'
import { attestInside, each } from './resource.ts'
import type { ContainerSettings } from './runtime.ts'

export interface MemoryOptions {
  /** What each of the node's containers may hold, in bytes: more than it needs now, at most 1 GiB. */
  readonly bytes: number
}

const MIB = 2 ** 20
/** The engine's own smallest, and the most that a witness asks for in order to come up against it. */
const LEAST_BYTES = 6 * MIB
const MOST_BYTES = 2 ** 30
/** A shortage that nobody ends is soon an end. */
const LONGEST_MS = 60_000

/** Asks for as much as the whole limit, and says first that it is the one to be ended: exit code 137 by SIGKILL. */
const asking = (bytes: number): readonly string[] => [
  'sh',
  '-c',
  `echo 1000 > /proc/self/oom_score_adj && exec dd if=/dev/zero of=/dev/null bs=${bytes} count=1`,
]
const KILLED = 137

interface Before {
  readonly group: ControlGroup
  readonly settings: ContainerSettings
}

/** Throws ScenarioError on a number of bytes out of range. */
export const memory = (world: ProcessWorld, { bytes }: MemoryOptions): Kind => {
  refuseOutOfRange(bytes)
  const { runtime } = world
  const before = new Map<string, Before>()
  const short = (container: Container) => shortOrEnded(world, container, bytes)
  const asBefore = (container: Container) => mayHoldAgain(world, container, before.get(container.id)?.group)

  return {
    kind: 'memory',
    asked: { bytes },
    longestMs: LONGEST_MS,
    check: (node) =>
      each(node, async (container) => void before.set(container.id, await foundFit(world, container, bytes))),
    // Replayed backwards: what died of it gets its memory back first.
    undo: (node) => [
      ...undoEach(node, 'start'),
      ...node.containers.map(({ id }) => ({
        act: 'limits' as const,
        container: id,
        limits: before.get(id)?.settings.limits.memory ?? {},
      })),
    ],
    inject: (node) => each(node, ({ id }) => runtime.limitMemory(id, bytes)),
    attest: (node, injected) => attestInside(world, node, { act: injected, witness: short, event: 'update' }),
    attestHeld: async (node) => (await Promise.all(node.containers.map(short))).flat(),
    heal: (node) =>
      each(node, async ({ id }) => {
        const limits = before.get(id)?.settings.limits.memory
        if (limits) await runtime.giveBack(id, limits)
        await runtime.start(id)
      }),
    attestClear: (node, healed) =>
      attestInside(world, node, { act: healed, witness: asBefore, event: 'update', isHeal: true }),
  }
}

const refuseOutOfRange = (bytes: number): void => {
  if (Number.isInteger(bytes) && bytes >= LEAST_BYTES && bytes <= MOST_BYTES) return
  throw new ScenarioError(
    `memory: bytes is ${bytes}, expected a whole number from ${LEAST_BYTES} (6 MiB) to ${MOST_BYTES} (1 GiB).`,
    { code: 'ERR_FAULT_OPTION' },
  )
}

/** What a container had before. Throws ScenarioError where so many bytes would be its end, or no shortage, or nobody could tell. */
const foundFit = async ({ runtime }: ProcessWorld, container: Container, bytes: number): Promise<Before> => {
  const [settings, group] = await Promise.all([runtime.settings(container.id), readControlGroup(runtime, container.id)])
  const refuse = (because: string): ScenarioError =>
    new ScenarioError(`memory of ${container.name}: ${because}`, { code: 'ERR_MEMORY' })
  const { exitCode } = await runtime.execute(container.id, ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1', 'count=1'])
  if (!group || exitCode !== 0)
    throw refuse('nobody could tell whether it is short of memory, since there is no sh, dd or control group in it.')
  const needed = neededBytes(group)
  if (bytes < needed)
    throw refuse(
      `it needs ${inMib(needed)} to live, expected at least that instead of ${inMib(bytes)}. Use kill to end it.`,
    )
  if (bytes >= group.limitBytes)
    throw refuse(`it may hold ${inMib(group.limitBytes)} as it is, expected more than the ${inMib(bytes)} asked for.`)
  return { group, settings }
}

/** A node that the shortage ended is still short of memory: that is what such a fault does, and is said. */
const shortOrEnded = async (world: ProcessWorld, container: Container, bytes: number): Promise<readonly Evidence[]> => {
  const end = await ended(world, container)
  return end ? [end] : shortage(world, container, bytes)
}

const ended = async ({ runtime, clock }: ProcessWorld, container: Container): Promise<Evidence | null> => {
  const { running, exitCode, oomKilled } = await runtime.state(container.id)
  if (running) return null
  return {
    source: 'container state',
    said: `${container.name} ended with ${exitCode}${oomKilled ? ', for want of memory' : ''}`,
    confirms: oomKilled,
    at: clock.now(),
    container: container.name,
  }
}

/** Comes up against the limit on purpose. */
const shortage = async (world: ProcessWorld, container: Container, bytes: number): Promise<readonly Evidence[]> => {
  const { runtime, clock } = world
  const from = await readControlGroup(runtime, container.id)
  const seen = groupSaid(world.clock, container, { may: mayOf(from), confirms: isAsked(from, bytes) })
  // Without the limit it would take as much from the machine.
  if (!from || !seen.confirms) return [seen]
  const { exitCode } = await runtime.execute(container.id, asking(bytes))
  const now = await readControlGroup(runtime, container.id)
  const hits = now ? now.hits - from.hits : 0
  const killed = now ? now.killed - from.killed : 0
  const told = { at: clock.now(), container: container.name }
  return [
    seen,
    {
      ...told,
      source: 'memory counters',
      said: `${container.name} came up against its limit: ${hits} times pages were refused, ${killed} processes were ended`,
      // Not every kernel counts the first.
      confirms: hits > 0 || killed > 0,
    },
    {
      ...told,
      source: 'probe from inside',
      said: `a process in ${container.name} that asked for ${inMib(bytes)} ${exitCode === KILLED ? 'was ended for want of memory' : `ended with ${exitCode}`}`,
      confirms: exitCode === KILLED,
    },
  ]
}

/** The kernel counts in pages. */
const isAsked = (now: ControlGroup | null, bytes: number): boolean =>
  now !== null && Math.abs(now.limitBytes - bytes) < 65_536

const mayHoldAgain = async (
  world: ProcessWorld,
  container: Container,
  before: ControlGroup | undefined,
): Promise<readonly Evidence[]> => {
  const now = await readControlGroup(world.runtime, container.id)
  const had = before?.limitBytes ?? Infinity
  const isSo = now !== null && (now.limitBytes === had || Math.min(now.limitBytes, had) >= UNLIMITED_BYTES)
  return [
    groupSaid(world.clock, container, { may: mayOf(now), confirms: isSo }),
    await stateSaid(world, container, 'running'),
  ]
}

const mayOf = (now: ControlGroup | null): string | null =>
  now && `hold ${inMib(now.limitBytes)}, and holds ${inMib(now.usedBytes)}`

const inMib = (bytes: number): string => (bytes >= UNLIMITED_BYTES ? 'no limit' : `${(bytes / MIB).toFixed(1)} MiB`)
