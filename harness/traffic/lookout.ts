// One balancer, looked at again and again: what changes is written down, and so is how long it could not be looked at.
import { setTimeout as pause } from 'node:timers/promises'
import { ROTATION_LOOK_EVERY_MS } from '../history/periods.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Clock } from '../time/clock.ts'
import { type Balancer, lookAt, type ServerLook } from '../topology/haproxy.ts'
import type { SeenServer } from './trust.ts'

export interface Lookout {
  /** The balancer's servers, as last seen; none before a look has succeeded. */
  servers(): readonly SeenServer[]
  /** One look. One that fails is written down as blindness, never as a state. */
  look(): Promise<void>
  /** Looks until `over` aborts. */
  lookOn(over: AbortSignal): Promise<void>
}

/** What looks are written down with. */
interface Log {
  readonly recorder: Pick<Recorder, 'record'>
  readonly clock: Clock
}

export const lookoutAt = (balancer: Balancer, log: Log): Lookout => {
  const { recorder, clock } = log
  const blindness = blindnessOf(balancer, log)
  /** By backend and node; also those that the last look did not see. */
  const known = new Map<string, SeenServer>()
  let latest: readonly SeenServer[] = []

  const note = (server: ServerLook, from: number, at: number): SeenServer => {
    const key = `${server.backend} ${server.node}`
    const before = known.get(key)
    const { backend, node, state, reason } = server
    if (before?.server.state !== state)
      recorder.record({
        kind: 'rotation',
        at,
        balancer: balancer.name,
        backend,
        node,
        state,
        ...(before && { was: before.server.state }),
        lastLookAt: before?.at ?? from,
        ...(reason && { reason }),
      })
    const seen = { server, at: from, outAt: state === 'out' ? from : (before?.outAt ?? -Infinity) }
    known.set(key, seen)
    return seen
  }

  const look = async (): Promise<void> => {
    const from = clock.now()
    try {
      const before = latest.map(({ server }) => server)
      const servers = await lookAt(balancer, before)
      blindness.end('the looks before this one failed')
      const at = clock.now()
      latest = servers.map((server) => note(server, from, at))
    } catch (error) {
      blindness.begin(from, (error as Error).message)
    }
  }

  return {
    servers: () => latest,
    look,
    async lookOn(over) {
      while (!over.aborted) {
        await look()
        await pause(ROTATION_LOOK_EVERY_MS, undefined, { signal: over }).catch(() => {})
      }
      blindness.end('still blind at the end')
    },
  }
}

/** The time in which looks at a balancer fail: written down as it begins, and whole once it is over. */
const blindnessOf = (balancer: Balancer, { recorder, clock }: Log) => {
  let blindSince: number | null = null
  const record = (since: number, because: string): void =>
    recorder.record({ kind: 'rotation-blind', at: clock.now(), balancer: balancer.name, since, because })
  return {
    begin(from: number, because: string): void {
      if (blindSince !== null) return
      blindSince = from
      record(from, because)
    },
    end(because: string): void {
      if (blindSince === null) return
      record(blindSince, because)
      blindSince = null
    },
  }
}
