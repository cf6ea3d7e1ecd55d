// memory: the node may hold little more than it needs, and whoever in it asks for more is ended by the kernel.
import type { Evidence } from '../history/event.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Container } from '../topology/topology.ts'
import { type ControlGroup, neededBytes, readControlGroup } from './control-group.ts'
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

const inMib = (bytes: number): string => (bytes >= UNLIMITED_BYTES ? 'no limit' : `${(bytes / MIB).toFixed(1)} MiB`)

/** Throws ScenarioError on a number of bytes out of range. */
export const memory = (world: ProcessWorld, { bytes }: MemoryOptions): Kind => {
  if (!(Number.isInteger(bytes) && bytes >= LEAST_BYTES && bytes <= MOST_BYTES))
    throw new ScenarioError(
      `memory: bytes is ${bytes}, expected a whole number from ${LEAST_BYTES} (6 MiB) to ${MOST_BYTES} (1 GiB).`,
      { code: 'ERR_FAULT_OPTION' },
    )
  const { runtime, clock } = world
  const before = new Map<string, Before>()
  const look = (container: Container): Promise<ControlGroup | null> => readControlGroup(runtime, container.id)

  const check = async (container: Container): Promise<void> => {
    const [settings, group] = await Promise.all([runtime.settings(container.id), look(container)])
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
    before.set(container.id, { group, settings })
  }

  const limit = (container: Container, now: ControlGroup | null, confirms: boolean): Evidence => ({
    source: 'control group',
    said: now
      ? `${container.name} may hold ${inMib(now.limitBytes)}, and holds ${inMib(now.usedBytes)}`
      : `${container.name} would not say what it may hold: sh does not run in it any more`,
    confirms,
    at: clock.now(),
    container: container.name,
  })

  /** The kernel counts in pages. */
  const isAsked = (now: ControlGroup | null): boolean => now !== null && Math.abs(now.limitBytes - bytes) < 65_536

  /** Comes up against the limit on purpose. */
  const shortage = async (container: Container): Promise<readonly Evidence[]> => {
    const from = await look(container)
    const seen = limit(container, from, isAsked(from))
    // Without the limit it would take as much from the machine.
    if (!from || !seen.confirms) return [seen]
    const { exitCode } = await runtime.execute(container.id, asking(bytes))
    const now = await look(container)
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

  /** A node that the shortage ended is still short of memory: that is what such a fault does, and is said. */
  const ended = async (container: Container): Promise<Evidence | null> => {
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

  const shortOrEnded = async (container: Container): Promise<readonly Evidence[]> => {
    const end = await ended(container)
    return end ? [end] : shortage(container)
  }

  const asBefore = async (container: Container): Promise<readonly Evidence[]> => {
    const now = await look(container)
    const had = before.get(container.id)?.group.limitBytes ?? Infinity
    const isSo = now !== null && (now.limitBytes === had || Math.min(now.limitBytes, had) >= UNLIMITED_BYTES)
    return [limit(container, now, isSo), await stateSaid(world, container, 'running')]
  }

  return {
    kind: 'memory',
    asked: { bytes },
    longestMs: LONGEST_MS,
    check: (node) => each(node, check),
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
    attest: (node, injected) => attestInside(world, node, { act: injected, witness: shortOrEnded, event: 'update' }),
    attestHeld: async (node) => (await Promise.all(node.containers.map(shortOrEnded))).flat(),
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
