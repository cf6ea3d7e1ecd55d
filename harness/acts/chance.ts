// Where a drill is played more than once: each fault meets the deployment's own rhythms at another point of theirs.
import { setTimeout as wait } from 'node:timers/promises'
import type { Settings } from '../history/event.ts'
import type { Options } from '../options.ts'
import { seeded } from '../topology/group.ts'

/** The longest of the rhythms in which somebody looks, or renews what the others look at; ms. */
const rhythmMs = ({ check, checks = {}, patroni }: Pick<Settings, 'check' | 'checks' | 'patroni'>): number =>
  Math.max(
    0,
    ...[...(check ? [check] : []), ...Object.values(checks)].map(({ interMs }) => interMs),
    patroni?.loopWaitMs ?? 0,
  )

/** Seeds lie side by side: their first draws must not. */
const SPREAD = 7919

/**
 * How long to wait before each fault, ms: drawn evenly from one whole rhythm, by the seed of the repetition. null where a
 * drill is played once: it has the phase that comes about.
 */
export const phaseOfChance = (
  settings: Pick<Settings, 'check' | 'checks' | 'patroni'>,
  { times, seed }: Pick<Options, 'times' | 'seed'>,
): (() => number) | null => {
  if (times === 1) return null
  const random = seeded(seed * SPREAD)
  return () => Math.round(random() * rhythmMs(settings))
}

/** Waits that long. */
export const passPhase = (draw: () => number, step: (title: string, act: () => Promise<void>) => Promise<void>) => {
  const ms = draw()
  return step(`Wait ${ms} ms, a phase of chance`, () => wait(ms))
}
