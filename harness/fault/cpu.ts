// cpu: the node may use a small part of a processor only, and is made to wait when it wants more.
import type { Evidence } from '../history/event.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Container } from '../topology/topology.ts'
import { type ControlGroup, groupSaid, readControlGroup } from './control-group.ts'
import type { Kind } from './kind.ts'
import type { ProcessWorld } from './process.ts'
import { attestInside, each } from './resource.ts'
import type { ContainerSettings } from './runtime.ts'

export interface CpuOptions {
  /** Processors that each of the node's containers may use: 0.1 is a tenth of one. */
  readonly cores: number
}

/** With less it could not be looked into: whoever does runs on its share. */
const LEAST_CORES = 0.05
/** One process that wants all of a processor for so long: more than three periods of 100 ms. */
const PRESS = ['timeout', '0.35', 'sh', '-c', 'while :; do :; done']
/** How near the kernel's limit is to the one that was asked for. */
const ROUNDING = 0.0005

interface Before {
  readonly group: ControlGroup
  readonly settings: ContainerSettings
}

/** Throws ScenarioError on a number that is none of processors. */
export const cpu = (world: ProcessWorld, { cores }: CpuOptions): Kind => {
  if (!(cores >= LEAST_CORES && cores < Infinity))
    throw new ScenarioError(`cpu: cores is ${cores}, expected at least ${LEAST_CORES}.`, { code: 'ERR_FAULT_OPTION' })
  const { runtime } = world
  const before = new Map<string, Before>()
  const groupOf = ({ id }: Container): ControlGroup | null => before.get(id)?.group ?? null
  const look = ({ id }: Container): Promise<ControlGroup | null> => readControlGroup(runtime, id)

  return {
    kind: 'cpu',
    asked: { cores },
    check: (node) =>
      each(node, async (container) => void before.set(container.id, await foundFit(world, container, cores))),
    undo: (node) =>
      node.containers.map(({ id }) => ({
        act: 'limits',
        container: id,
        limits: before.get(id)?.settings.limits.cores ?? {},
      })),
    inject: (node) => each(node, ({ id }) => runtime.limitCores(id, cores)),
    attest: (node, injected) =>
      attestInside(world, node, {
        act: injected,
        witness: (container) => shortSince(world, container, { cores, from: groupOf(container) }),
        event: 'update',
      }),
    attestHeld: async (node) => {
      const acts = node.containers.map(async (container) =>
        shortSince(world, container, { cores, from: await look(container) }),
      )
      return (await Promise.all(acts)).flat()
    },
    heal: (node) =>
      each(node, async ({ id }) => {
        const limits = before.get(id)?.settings.limits.cores
        if (limits) await runtime.giveBack(id, limits)
      }),
    attestClear: (node, healed) =>
      attestInside(world, node, {
        act: healed,
        witness: (container) => mayUseAgain(world, container, groupOf(container)?.cores ?? null),
        event: 'update',
        isHeal: true,
      }),
  }
}

/** What a container had before. Throws ScenarioError where so many cores would be no shortage, or nobody could tell. */
const foundFit = async ({ runtime }: ProcessWorld, container: Container, cores: number): Promise<Before> => {
  const [settings, group] = await Promise.all([runtime.settings(container.id), readControlGroup(runtime, container.id)])
  const { exitCode } = await runtime.execute(container.id, ['timeout', '1', 'sh', '-c', 'true'])
  if (!group || exitCode !== 0)
    throw new ScenarioError(
      `cpu of ${container.name}: nobody could tell whether it is short of processors, since there is no sh, timeout or control group in it. Use slow instead.`,
      { code: 'ERR_CPU' },
    )
  if (group.cores !== null && group.cores <= cores)
    throw new ScenarioError(
      `cpu of ${container.name}: it may use ${group.cores} cores as it is, expected more than the ${cores} asked for.`,
      { code: 'ERR_CPU' },
    )
  return { group, settings }
}

const shortSince = async (
  world: ProcessWorld,
  container: Container,
  { cores, from }: { readonly cores: number; readonly from: ControlGroup | null },
): Promise<readonly Evidence[]> => {
  const now = await readControlGroup(world.runtime, container.id)
  const isAsked = typeof now?.cores === 'number' && Math.abs(now.cores - cores) < ROUNDING
  const seen = groupSaid(world.clock, container, { may: mayOf(now), confirms: isAsked })
  return from && now ? [seen, await waiting(world, container, { from, now, isLimited: true })] : [seen]
}

const mayUseAgain = async (
  world: ProcessWorld,
  container: Container,
  had: number | null,
): Promise<readonly Evidence[]> => {
  const now = await readControlGroup(world.runtime, container.id)
  const seen = groupSaid(world.clock, container, { may: mayOf(now), confirms: now !== null && now.cores === had })
  // Under a limit of its own it may have to wait as ever.
  return now && had === null ? [seen, await waiting(world, container, { from: now, now, isLimited: false })] : [seen]
}

const mayOf = (now: ControlGroup | null): string | null => now && `use ${now.cores ?? 'all'} cores`

/**
 * A node that wants no more than it may use is never made to wait: then something in it does for a moment. The looks
 * themselves run on its share too.
 */
const waiting = async (
  { runtime, clock }: ProcessWorld,
  container: Container,
  { from, now, isLimited }: { readonly from: ControlGroup; readonly now: ControlGroup; readonly isLimited: boolean },
): Promise<Evidence> => {
  if (now.throttled === from.throttled) await runtime.execute(container.id, PRESS)
  const last = now.throttled === from.throttled ? ((await readControlGroup(runtime, container.id)) ?? now) : now
  const waited = last.throttled - from.throttled
  return {
    source: 'processor counters',
    said: `${container.name} had to wait in ${waited} of ${last.periods - from.periods} periods`,
    confirms: waited > 0 === isLimited,
    at: clock.now(),
    container: container.name,
  }
}
