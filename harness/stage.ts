// One drill from the first call to the last: what the cast stands on, in the order data flows.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { RESOLUTION_MS } from './analysis/machine.ts'
import { sees } from './analysis/sight.ts'
import { dashboardOrigin } from './deployment.ts'
import { watchEngine } from './fault/docker.ts'
import { drain } from './fault/drain.ts'
import { faultLog } from './fault/fault-log.ts'
import { createFaults } from './fault/faults.ts'
import { majorityLeft } from './fault/quorum.ts'
import { witnessedQuorum } from './fault/quorum-witness.ts'
import { sabotagedFaults } from './fault/sabotage.ts'
import { successorLeft } from './fault/succession.ts'
import { faultWorlds, HELPER_IMAGE } from './fault-worlds.ts'
import type { ScenarioInfo, TeardownPart } from './history/event.ts'
import { openRecorder, type Recorder } from './history/recorder.ts'
import { createRedactor } from './history/redact.ts'
import { addressesOf, callersRate, dashboardLanes, lanePlans, mainLanes, speaksHttp2 } from './lanes.ts'
import { folderOf, type Options, ROOT, secretsOf } from './options.ts'
import { redactTrace } from './report/trace.ts'
import { settingsOf } from './settings.ts'
import { watchSteadiness } from './steadiness.ts'
import { clockSince } from './time/clock.ts'
import { toMs } from './time/duration.ts'
import { ScenarioError } from './time/errors.ts'
import { balancersOf, lookAt } from './topology/haproxy.ts'
import { imageIds } from './topology/images.ts'
import { leaseFile } from './topology/lease.ts'
import { saveEvidence } from './topology/saved.ts'
import { callersIn, type Node, nodesOf, type Topology, type Zone } from './topology/topology.ts'
import { adminApi } from './traffic/admin-api.ts'
import { type Callers, createLiveView, startCallers, startEcho } from './traffic/callers.ts'
import { callersInZones } from './traffic/callers-in-zones.ts'
import { measureCapacity } from './traffic/capacity.ts'
import type { ChangeWorld } from './traffic/change.ts'
import { type ChangeStream, startChangeStream } from './traffic/change-stream.ts'
import { createDashboard } from './traffic/dashboard.ts'
import { secretsIn } from './traffic/mix/mix.ts'
import { readMix } from './traffic/mix/read-mix.ts'
import { createOperator } from './traffic/operator.ts'
import { watchProcessors } from './traffic/processors.ts'
import { followReadiness } from './traffic/readiness.ts'
import { watchRotation } from './traffic/rotation.ts'
import { watchHarness } from './traffic/standstill.ts'
import { recordUpstreams } from './traffic/upstream-record.ts'

/** Objectives are judged until this long after the last fault cleared: traffic goes on that long. */
export const TAIL_MS = toMs('10s')

/** At 60 calls/s and three gateways a hundred calls each. */
const SPREAD_MS = toMs('5s')

/** Callers in a zone as faults see them: a node that is cut off with its zone, and that nobody calls. */
const callersNode = (zone: Zone, { container }: Callers): Node => ({
  name: callersIn(zone),
  role: 'caller',
  zone,
  containers: container ? [{ ...container, service: callersIn(zone), ports: {} }] : [],
})

/** What runs beside the deployment. */
const OWN_IMAGES = {
  callers: process.env.FIREDRILL_CALLERS_IMAGE ?? 'firedrill/callers:local',
  echo: process.env.FIREDRILL_UPSTREAM_IMAGE ?? 'firedrill/upstream:local',
  helper: HELPER_IMAGE,
}

/** Everything one drill needs, started. */
export type Stage = Awaited<ReturnType<typeof openStage>>

/** A scenario's record, from before anything else of it is there. */
interface Opened {
  readonly folder: string
  readonly recorder: Recorder
  readonly startedAt: Date
  readonly clock: ReturnType<typeof clockSince>
}

/**
 * Opens the record, then starts whoever watches, calls and breaks. Nothing is broken and nobody is called yet. Rejects when one of them
 * cannot be started, which is then what the record says.
 */
export const openStage = async (topology: Topology, options: Options, scenario: ScenarioInfo) => {
  const folder = join(options.folder, folderOf(scenario.name, options))
  await mkdir(folder, { recursive: true })
  const recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor(secretsOf(process.env)))
  const clock = clockSince()
  const opened = { folder, recorder, startedAt: new Date(), clock }
  return startStage(topology, options, scenario, opened).catch((error: Error & { code?: string }) => {
    recorder.record({
      kind: 'script',
      at: clock.now(),
      outcome: 'threw',
      because: `it was not begun, since not everything that it needs could be started: ${error.message}`,
      ...(error.code !== undefined && { code: error.code }),
    })
    recorder.close()
    throw error
  })
}

const startStage = async (
  topology: Topology,
  options: Options,
  scenario: ScenarioInfo,
  { folder, recorder, startedAt, clock }: Opened,
) => {
  const { redactor } = recorder
  const mix = options.calls === undefined ? undefined : await readMix(options.calls)
  for (const secret of mix ? secretsIn(mix) : []) redactor.add(secret)
  const settings = await settingsOf(topology, options, mix)
  const upgradeTo = Object.values(options.upgradeTo)
  await recorder.recordSynced({
    kind: 'run',
    at: 0,
    schema: 'firedrill.history/1',
    run: options.run,
    scenario,
    topology,
    settings,
    seed: options.seed,
    startedAt: startedAt.toISOString(),
    endsWith: 'teardown',
    images: await imageIds(Object.values(OWN_IMAGES)),
    ...(upgradeTo.length > 0 && { upgradeTo: await imageIds(upgradeTo) }),
  })

  const balancers = balancersOf(topology)
  const processors = watchProcessors({ recorder, clock })
  const harness = watchHarness({ recorder, clock })
  const nodes = nodesOf(topology, 'data-plane', 'control-plane').map((node) => node.name)
  const name = `${options.run}-${scenario.name}`
  const live = createLiveView({ aboveMs: RESOLUTION_MS, isSeenBy: sees })
  const zones = topology.callerZones ?? []
  const callersAt = (zone: Zone): Promise<Callers> =>
    startCallers({
      image: OWN_IMAGES.callers,
      network: topology.network,
      run: options.run,
      seed: options.seed,
      zone,
      live,
      nodes,
      addresses: addressesOf(topology),
      clock,
      recorder,
      folder,
      name: `${name}-${zone === 'outside' ? 'callers' : callersIn(zone)}`,
      among: 1 + zones.length,
      ...(options.callersCpus !== undefined && { cpus: options.callersCpus }),
    })
  const [engine, rotation, outside, echo, ...inZones] = await Promise.all([
    watchEngine({ topology, recorder, clock }),
    watchRotation({ balancers, recorder, clock }),
    callersAt('outside'),
    startEcho({
      image: OWN_IMAGES.echo,
      network: topology.network,
      run: options.run,
      name: `${name}-echo`,
    }),
    ...zones.map(callersAt),
  ])
  const callers = callersInZones(outside, new Map(inZones.map((each, k) => [zones[k] ?? '', each])))

  const servers = async () => (await Promise.all(balancers.map((balancer) => lookAt(balancer)))).flat()
  const { database, configStore, processes, workers, network, identities } = faultWorlds({
    topology,
    callers,
    engine,
    clock,
    servers,
  })
  const survivals = [successorLeft(database), majorityLeft(configStore)]
  const faults = sabotagedFaults(
    witnessedQuorum(createFaults({ recorder, clock, servers, log: faultLog(options.run), survivals }), configStore),
    options.sabotage,
  )
  const changes: ChangeWorld = { callers, recorder, clock, isIn: (node) => rotation.isIn(node) }
  const origin = dashboardOrigin(topology)
  // A balancer's sticky cookie holds a node's name: a word that the whole report is made of, and no secret.
  const onSecret = (secret: string): void => {
    if (!topology.nodes.some((node) => node.name === secret)) redactor.add(secret)
  }
  const credentials = {
    origin,
    username: options.username,
    password: options.password,
    onSecret,
  }
  const api = adminApi(credentials)
  const operator = createOperator(api, changes)
  let isApiOpen = false
  const signedInApi = async (): Promise<void> => {
    if (!isApiOpen) await api.signIn()
    isApiOpen = true
  }
  const dashboard = createDashboard({
    ...credentials,
    folder,
    recorder,
    clock,
    change: changes,
    trace: {
      folder: leaseFile(options.run, 'trace'),
      // It holds the stacks of its calls, with this machine's paths.
      keep: (raw) => redactTrace(raw, join(folder, 'trace.zip'), (text) => redactor.text(text).replaceAll(ROOT, '.')),
    },
    routeId: async (route) => {
      await signedInApi()
      return operator.routeId(route)
    },
    onSession: async (cookie) => {
      for (const plan of dashboardLanes(topology, options, cookie)) await callers.open(plan)
    },
  })
  const streams: ChangeStream[] = []
  const streamChanges = async (): Promise<ChangeStream> => {
    await signedInApi()
    const write = await operator.writer()
    const gateways = nodesOf(topology, 'data-plane')
    const stream = startChangeStream({ write, read: operator.descriptions, callers, gateways, recorder, clock })
    streams.push(stream)
    return stream
  }
  const steadiness = watchSteadiness({ topology, rotation, callers, recorder, clock, rate: settings.rate })

  /** The last admission may come while it is waited for. */
  const tailLeftMs = (clearedAt: number): number => {
    const admitted = recorder.events().findLast((event) => event.kind === 'rotation' && event.state === 'in')
    return Math.max(clearedAt + TAIL_MS, (admitted?.at ?? 0) + SPREAD_MS) - clock.now()
  }

  /**
   * Traffic for as long as objectives are judged after the last fault cleared, and until it shows how evenly it is spread since the
   * last node came back into rotation; then one more look at everything.
   */
  const tail = async (): Promise<void> => {
    const cleared = recorder.events().findLast((event) => event.kind === 'fault' && event.stage === 'clear')
    if (!cleared || callers.lost() !== null) return
    const goOn = async (): Promise<void> => {
      for (let leftMs = tailLeftMs(cleared.at); leftMs > 0; leftMs = tailLeftMs(cleared.at)) await pause(leftMs)
    }
    await goOn()
    await steadiness.lookAgain()
    // Whoever was admitted while we looked is watched as long as any other.
    await goOn()
  }

  let areLanesOpen = false
  const over = new AbortController()
  const following: Promise<void>[] = []

  const teardownFailed = (about: TeardownPart, because: string): void =>
    recorder.record({ kind: 'teardown', at: clock.now(), ok: false, about, because })
  const quietly = async (about: TeardownPart, what: string, act: () => Promise<unknown>): Promise<void> => {
    await act().catch((error: Error) => teardownFailed(about, `${what}: ${error.message}`))
  }

  /** Heals, lets the tail pass, saves what everybody said, and ends everything that was started. In this order, once: `ending.ts` sees to it. */
  const close = async (withTail: boolean): Promise<void> => {
    for (const left of await faults.healAll()) teardownFailed('healing', left)
    await quietly('healing', 'The helpers of faults did not leave', () => network.network.settled())
    if (withTail) await quietly('tail', 'The end was not watched', tail)
    over.abort()
    await Promise.all(following)
    for (const stream of streams)
      await quietly('changes', 'The stream of changes was not seen to its end', () =>
        stream.end({ isBrief: !withTail }),
      )
    // Before anything heavy: a browser's trace that is written while they call would be felt as the deployment's slowness.
    await quietly('calls', 'The lanes were not closed', () => callers.closeAll())
    for (const stream of streams)
      await quietly('residue', 'The routes of the stream of changes were not deleted', () =>
        stream.tidy({ isBrief: !withTail }),
      )
    await quietly('trace', 'The trace of the browser was not saved', () => dashboard.close())
    await quietly('upstream record', 'Not every upstream said what it saw', () =>
      recordUpstreams({ topology, callers, recorder, clock }),
    )
    await quietly('rotation', 'The watch of the balancers did not end', () => rotation.stop())
    await quietly('machine', 'The watch of the processors did not end', () => processors.stop())
    await quietly('machine', 'The watch of the harness did not end', () => harness.stop())
    engine.stop()
    const redact = (text: string): string => redactor.text(text)
    for (const unsaved of await saveEvidence({ topology, folder, sinceWallMs: startedAt.getTime(), redact }))
      teardownFailed(unsaved.about, unsaved.because)
    await quietly('residue', 'The callers did not go', () => callers.stop())
    await quietly('residue', 'The echo did not go', () => echo.stop())
    recorder.record({ kind: 'teardown', at: clock.now(), ok: true })
    recorder.close()
  }

  return {
    folder,
    scenario: scenario.name,
    recorder,
    redactor,
    clock,
    settings,
    topology,
    callers,
    rotation,
    faults,
    operator,
    streamChanges,
    dashboard,
    signedInApi,
    close,
    processes,
    workers,
    network,
    identities,
    database,
    callersInZones: inZones.map((each, k) => callersNode(zones[k] ?? '', each)),
    drain: drain({ balancers, clock }),
    /** Before anybody calls: while they do, it would be they who are kept waiting. */
    measureCapacity: async (groups: readonly (readonly Node[])[]): Promise<void> => {
      if (areLanesOpen)
        throw new ScenarioError(
          'Refused to saturate gateways that callers depend on: measure before reachSteadyState().',
          {
            code: 'ERR_IN_USE',
          },
        )
      await measureCapacity({ callers, recorder, clock }, groups)
    },
    openLanes: async (): Promise<void> => {
      if (areLanesOpen) return
      areLanesOpen = true
      const world = { echo: echo.url, speaksHttp2: await speaksHttp2(topology, callers), mix }
      const plans = lanePlans(topology, options, world)
      steadiness.expectBeside(callersRate(plans) - settings.rate)
      for (const plan of plans) await callers.open(plan)
    },
    /** The main lanes to so many calls a second together, and the control lane beside them; slow ones stay. Resolves as it begins. */
    ramp: async (to: number, overMs: number): Promise<void> => {
      if (!areLanesOpen)
        throw new ScenarioError(
          `Refused to ramp to ${to}/s: nobody calls yet. Await callers.reachSteadyState() first.`,
          {
            code: 'ERR_NO_CALLERS',
          },
        )
      const main = mainLanes(topology, options, { echo: echo.url, speaksHttp2: false })
      steadiness.ramp(to, overMs)
      const shares = main.map(({ lane, rate }) => callers.ramp(lane, { to: (to * rate) / settings.rate, overMs }))
      await Promise.all(shares)
    },
    /** From now until the node is ready and trusted, or the drill is over. */
    followReadiness: (node: Node): void => {
      following.push(followReadiness({ callers, recorder, clock, isIn: changes.isIn }, node, over.signal))
    },
    reachSteadyState: steadiness.reach,
  } satisfies Record<string, unknown> & { callers: Callers }
}
