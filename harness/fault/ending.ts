// Whether a container is about to end: a stop that somebody asked for goes on in the engine after whoever asked has died.
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { isGraceful } from '../history/event.ts'
import { docker, isGone } from '../topology/docker.ts'
import { engineSays } from '../topology/engine-says.ts'
import type { OpenFault } from './fault-log.ts'

/** A container drains no longer than this, s: api7.md has 240 for the vendor's gateway. */
const LONGEST_DRAIN_S = 300

interface SignalEvent {
  readonly Action: string
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> }
}

const LOOK_LIMIT_MS = 10_000

/**
 * By the engine's events of the last minutes: it was sent its own stop signal or one that ends it, and has neither ended nor
 * started since. False where the engine has forgotten: it keeps 256 events, which health checks alone fill within a minute. Rejects where the engine does not say within the limit.
 */
export const isEnding = async (
  id: string,
  limit: AbortSignal = AbortSignal.timeout(LOOK_LIMIT_MS),
): Promise<boolean> => {
  const container = docker().getContainer(id)
  const { State, Config } = await container.inspect({ abortSignal: limit })
  const { StopSignal } = Config as { readonly StopSignal?: string }
  if (!State.Running) return false
  // By its own clock: an `until` that it has not come to yet would keep the answer open.
  const now = Date.parse((await engineSays(limit)).SystemTime) / 1000
  const events = await docker().getEvents({
    abortSignal: limit,
    since: now - LONGEST_DRAIN_S,
    until: now,
    filters: { type: ['container'], container: [id], event: ['kill', 'die', 'start'] },
  })
  const last = (await text(events as unknown as Readable))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as SignalEvent)
    .findLast((event) => event.Action !== 'kill' || endsBy(signalOf(event), StopSignal))
  return last?.Action === 'kill'
}

const signalOf = ({ Actor }: SignalEvent): number => Number(Actor.Attributes.signal)

const endsBy = (signal: number, stopSignal: string | undefined): boolean => {
  const { SIGTERM, SIGKILL } = constants.signals
  const own = constants.signals[(stopSignal ?? 'SIGTERM') as NodeJS.Signals] ?? Number(stopSignal)
  return [SIGTERM, SIGKILL, own].includes(signal)
}

/** Since when a container has run, wall clock, ms; Infinity where it does not, or is gone. */
const runningSince = async (id: string): Promise<number> => {
  try {
    const { State } = await docker().getContainer(id).inspect()
    return State.Running ? Date.parse(State.StartedAt) : Infinity
  } catch (error) {
    if (isGone(error)) return Infinity
    throw error
  }
}

/**
 * What was told to end may take minutes over the calls that it has, and the engine soon forgets that it was told: found running as before the fault,
 * it needs no start now, and may need one later. Resolves with that in words, for each container; with none where nothing of the kind was asked.
 */
export const mayEndYet = async ({
  kind,
  at,
  undo: steps,
}: Pick<OpenFault, 'kind' | 'at' | 'undo'>): Promise<readonly string[]> => {
  if (!isGraceful(kind) || Date.now() > at + LONGEST_DRAIN_S * 1000) return []
  const since = await Promise.all(steps.map((step) => (step.act === 'start' ? runningSince(step.container) : Infinity)))
  return since.filter((each) => each < at).map(() => 'start: it runs since before the fault, and may end yet')
}
