// Who calls the deployment: open-loop callers in a container on its own network, and every call of theirs on record.
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LaneHeader, Ramp } from '../history/call.ts'
import type { Recorder } from '../history/recorder.ts'
import { cgroupParent } from '../topology/cgroup.ts'
import { attachTo, separate } from './attach.ts'
import type { Replies } from './caller/protocol.ts'
import { type CallerClock, compareClocks } from './caller-clock.ts'
import { type CallerLink, type CallerStreams, linkCallers } from './caller-link.ts'
import { type HeldPlan, holdAttached } from './held-container.ts'
import { type Inside, insideFrom, PATIENCE_MS } from './inside.ts'
import { headerOf, type LanePlan, orderOf, refuseRate } from './lane-plan.ts'
import { type LaneRecord, recordLanes } from './lane-record.ts'
import { createLiveView, type LiveTraffic, type LiveView } from './live-traffic.ts'
import { holdAhead } from './real-time.ts'

export { startEcho } from './echo.ts'
export type { LanePlan } from './lane-plan.ts'
export { createLiveView, type LiveTraffic } from './live-traffic.ts'

export interface Callers extends Inside {
  /** Call 0 is due about 20 ms later. Throws RangeError on an impossible plan, EnvironmentError when the callers cannot. */
  open(plan: LanePlan): Promise<LaneHeader>
  /**
   * Changes a lane's rate evenly to `to` calls a second over `overMs`; resolves once that is on the disk, and does not wait for its
   * end. Throws RangeError on a rate that is none.
   */
  ramp(lane: string, change: Pick<Ramp, 'to' | 'overMs'>): Promise<Ramp>
  /** Schedules nothing more, and resolves when every call that was scheduled has ended and is in the file. */
  close(lane: string): Promise<{ readonly count: number }>
  closeAll(): Promise<void>
  live(): LiveTraffic
  /** Why the callers, or part of their record, are gone; or null. */
  lost(): string | null
  /** Closes every lane, ends the program and removes its container. Again does nothing more. */
  stop(): Promise<void>
  /** The container they run in; absent where they are a process of this machine. */
  readonly container?: CallersContainer
}

/** What a fault needs to know of the callers' container. */
export interface CallersContainer {
  readonly id: string
  readonly name: string
  readonly image: string
  /** IPv4 on the deployment's network. */
  readonly address: string
}

interface RunSide {
  readonly run: string
  /** The run's: it draws every lane's schedule. */
  readonly seed: number
  readonly nodes: readonly string[]
  /** Whose an address is, for answers that tell an address and no name. */
  readonly addresses?: Readonly<Record<string, string>>
  readonly clock: { now(): number; readonly originMs: number }
  readonly recorder: Recorder
  /** The scenario's folder: calls go to calls/<lane>.calls in it, the callers' own words to logs/callers.log, or callers-<zone>.log. */
  readonly folder: string
  /** Where the callers stand; outside of every zone where nothing is said. */
  readonly zone?: string
  /** Shared by callers who are looked at as one. */
  readonly live?: LiveView
}

/** Starts the container, compares the clocks and says hello. Throws EnvironmentError when the callers do not answer. */
export const startCallers = async (
  options: RunSide & {
    image: string
    network: string
    zone: string
    cpus?: number
    name: string
    /** So many callers of this run share what real time there is; 1 by default. */
    among?: number
  },
): Promise<Callers> => {
  const plan: HeldPlan = {
    image: options.image,
    name: options.name,
    network: options.network,
    labels: { 'firedrill.run': options.run, 'firedrill.zone': options.zone, 'firedrill.part': 'callers' },
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    // The instrument goes before what it measures: where CPUs are short, the deployment's want must not look like its outage.
    cpuShares: 32_768,
    cgroupParent: await cgroupParent(),
    // A new connection for each call uses up a port for a minute: the default range lasts for 470 calls/s.
    sysctls: { 'net.ipv4.ip_local_port_range': '1024 65535', 'net.ipv4.tcp_tw_reuse': '1' },
  }
  const hold = (each: HeldPlan) => holdAttached(each, attachTo)
  // A limit on CPUs does not bind real time, so whoever set one wants none.
  const held =
    options.cpus === undefined ? await holdAhead(plan, { among: options.among ?? 1, hold }) : await hold(plan)
  try {
    const callers = await callersOver(separate(held.stream), options, held.remove)
    const { id, address } = held
    return { ...callers, container: { id, address, name: options.name, image: options.image } }
  } catch (error) {
    await held.remove()
    throw error
  }
}

/** The same over any three streams that lead to the program. `remove` is called once it was told to end. */
export const callersOver = async (
  streams: CallerStreams,
  side: RunSide,
  remove: () => Promise<void>,
): Promise<Callers> => {
  const { clock, recorder, folder, live = createLiveView(null) } = side
  const from = zoneOf(side)
  let because: string | null = null
  const lose = (reason: string): void => {
    if (because !== null) return
    because = reason
    recorder.record({ at: clock.now(), kind: 'generator-lost', because: reason, ...from })
  }
  const lanes = recordLanes({ folder, recorder, live, now: clock.now, lost: lose })
  let callerClock: CallerClock | null = null
  const link = linkCallers(streams, {
    rows: lanes.rows,
    stall: (since, to) => {
      if (callerClock)
        recorder.record({ at: callerClock.toRun(to), kind: 'generator-stall', stallMs: to - since, ...from })
    },
    said: sayTo(side),
    lost: lose,
  })
  callerClock = await agreeOnTime(link, side)
  return callersFrom({
    link,
    lanes,
    side,
    toRun: callerClock.toRun,
    live: () => live.read(clock.now()),
    lost: () => because,
    remove,
  })
}

/** Which callers an event speaks of; those outside of every zone where it names none. */
const zoneOf = ({ zone = 'outside' }: RunSide): { readonly zone?: string } => (zone === 'outside' ? {} : { zone })

/** Compares the clocks and writes it down. */
const agreeOnTime = async (link: CallerLink, side: RunSide): Promise<CallerClock> => {
  const { clock, recorder } = side
  const found = await compareClocks({
    hello: () => link.ask({ order: 'hello' }, PATIENCE_MS),
    clock: () => link.ask({ order: 'clock' }, PATIENCE_MS),
    bootId: ownBootId(),
    originMs: clock.originMs,
  })
  const { sameKernel, offsetMs, errorMs } = found
  recorder.record({ at: clock.now(), kind: 'clock', sameKernel, offsetMs, errorMs, ...zoneOf(side) })
  return found
}

const ownBootId = (): string | null => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return null
  }
}

const sayTo = ({ folder, recorder, zone = 'outside' }: RunSide): ((line: string) => void) => {
  const file = zone === 'outside' ? 'callers.log' : `callers-${zone}.log`
  mkdirSync(join(folder, 'logs'), { recursive: true })
  // Stamped as the engine stamps the other logs, so that all are read alike.
  return (line) =>
    appendFileSync(join(folder, 'logs', file), `${new Date().toISOString()} ${recorder.redactor.text(line)}\n`)
}

interface Parts {
  readonly link: CallerLink
  readonly lanes: LaneRecord
  readonly side: RunSide
  readonly toRun: (callerMs: number) => number
  readonly live: () => LiveTraffic
  readonly lost: () => string | null
  readonly remove: () => Promise<void>
}

const callersFrom = ({ link, lanes, side, toRun, live, lost, remove }: Parts): Callers => {
  // A run may start callers several times, once a scenario; no call of one may pass for a call of another.
  const own = randomBytes(3).toString('hex')
  const deadlines = new Map<string, number>()

  const open = async (plan: LanePlan): Promise<LaneHeader> => {
    const order = orderOf(plan, {
      run: `${side.run}.${own}`,
      seed: side.seed,
      nodes: side.nodes,
      ...(side.addresses && { addresses: side.addresses }),
    })
    deadlines.set(plan.lane, plan.deadlineMs)
    const asHeader = ({ t0 }: Replies['open']): LaneHeader => headerOf(plan, order, toRun(t0))
    // The lane's first rows may come in the same piece as the reply: its file has to be there before they are taken.
    const opened = await link.ask({ order: 'open', lane: order }, PATIENCE_MS, (reply) =>
      lanes.opened(reply.number, asHeader(reply)),
    )
    return asHeader(opened)
  }

  const ramp = async (lane: string, { to, overMs }: Pick<Ramp, 'to' | 'overMs'>): Promise<Ramp> => {
    refuseRate(lane, to)
    if (!(overMs >= 0)) throw new RangeError(`Lane ${lane} is to ramp over ${overMs} ms: expected none or more.`)
    const order = { order: 'ramp', lane, to, overMs } as const
    let kept = Promise.resolve()
    const { ramp: found } = await link.ask(order, PATIENCE_MS, (told) => {
      kept = lanes.ramped(lane, told.ramp)
    })
    await kept
    return found
  }

  const close = async (lane: string): Promise<Replies['close']> => {
    const limitMs = (deadlines.get(lane) ?? 0) + PATIENCE_MS
    return link.ask({ order: 'close', lane }, limitMs, ({ count }) => lanes.closed(lane, count))
  }

  const closeAll = async (): Promise<void> => {
    const open = lanes.open()
    // When the callers are gone nobody knows how many calls were scheduled: then no lane is said to be closed.
    if (link.lost() !== null || open.length === 0) return
    // Callers that do not even say what time it is close no lane either, and that is told.
    await agreeOnTime(link, side).catch(() => {})
    await Promise.all(open.map(close))
  }

  const stop = async (): Promise<void> => {
    try {
      await closeAll()
    } finally {
      lanes.abandon()
      link.end()
      await remove()
    }
  }
  let stopped: Promise<void> | null = null

  return {
    open,
    ramp,
    close,
    closeAll,
    ...insideFrom(link, toRun),
    live,
    lost,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
