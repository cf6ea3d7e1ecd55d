// One drill from the first call to the last: what the cast stands on, in the order data flows.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { drain } from '../fault/drain.ts'
import { faultLog } from '../fault/fault-log.ts'
import { createFaults } from '../fault/faults.ts'
import { majorityLeft } from '../fault/quorum.ts'
import { witnessedQuorum } from '../fault/quorum-witness.ts'
import { sabotagedFaults } from '../fault/sabotage.ts'
import { successorLeft } from '../fault/succession.ts'
import type { ScenarioInfo, Settings } from '../history/event.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { folderOf, type Options, secretsOf } from '../options.ts'
import { clockSince } from '../time/clock.ts'
import { balancersOf, lookOnceAt } from '../topology/haproxy.ts'
import { imageIds } from '../topology/images.ts'
import { standInLogs } from '../topology/saved.ts'
import { type Container, nodesOf, type Topology } from '../topology/topology.ts'
import { secretsIn } from '../traffic/mix/mix.ts'
import { readMix } from '../traffic/mix/read-mix.ts'
import { createReadinessFollowers, followHealed } from '../traffic/readiness.ts'
import { createCalling } from './calling.ts'
import { closeStage, type Leftover } from './closing.ts'
import { faultWorlds, HELPER_IMAGE } from './fault-worlds.ts'
import { createOperators } from './operators.ts'
import { SENSOR_IMAGES, startSensors } from './sensors.ts'
import { settingsOf } from './settings.ts'
import { watchSteadiness } from './steadiness.ts'

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

const startStage = async (topology: Topology, options: Options, scenario: ScenarioInfo, opened: Opened) => {
  const { folder, recorder, clock } = opened
  const mix = options.calls === undefined ? undefined : await readMix(options.calls)
  for (const secret of mix ? secretsIn(mix) : []) recorder.redactor.add(secret)
  const settings = await settingsOf(topology, options, mix)
  await recordRun(topology, options, scenario, { ...opened, settings })

  const sensors = await startSensors({ topology, options, scenario, folder, recorder, clock })
  const { callers, rotation, engine } = sensors
  const balancers = balancersOf(topology)
  const servers = async () => (await Promise.all(balancers.map((balancer) => lookOnceAt(balancer)))).flat()
  const worlds = faultWorlds({ topology, callers, engine, clock, servers, keepLog: keepLogOf(topology, opened) })
  const { database, configStore, network } = worlds
  const survivals = [successorLeft(database), majorityLeft(configStore)]
  const log = faultLog(options.run)
  const faults = sabotagedFaults(
    witnessedQuorum(createFaults({ recorder, clock, servers, log, survivals }), configStore),
    options.sabotage,
  )
  const operators = createOperators({ topology, options, folder, callers, rotation, recorder, clock })
  const { rate } = settings
  const { instances } = operators
  const steadiness = watchSteadiness({ topology, rotation, callers, recorder, clock, rate, instances })
  const calling = createCalling({
    topology,
    options,
    callers,
    echo: sensors.echo.url,
    mix,
    rate,
    steadiness,
    recorder,
    clock,
  })
  const readiness = createReadinessFollowers({ callers, recorder, clock, isIn: rotation.isIn })
  followHealed({ recorder, gateways: nodesOf(topology, 'data-plane'), readiness })
  const { streams, dashboard } = operators
  const leftovers: Leftover[] = []
  const standing = {
    topology,
    ...opened,
    faults,
    network: network.network,
    readiness,
    streams,
    leftovers,
    dashboard,
    sensors,
    steadiness,
  }

  return {
    folder,
    scenario: scenario.name,
    recorder,
    clock,
    settings,
    topology,
    callers,
    callersInZones: sensors.callersInZones,
    rotation,
    faults,
    log,
    /** Has this removed when the stage closes; whatever is said of it there where it will not go. */
    atClose: (what: string, remove: () => Promise<void>): void => void leftovers.push({ what, remove }),
    drain: drain({ balancers, clock }),
    ...worlds,
    ...operators,
    ...calling,
    reachSteadyState: steadiness.reach,
    close: (withTail: boolean): Promise<void> => closeStage(standing, withTail),
  }
}

/** Saves the logs of those who stand in for others while the drill goes on; what could not be saved is on record. */
const keepLogOf = (topology: Topology, { folder, recorder, startedAt, clock }: Opened) => {
  const redact = (text: string): string => recorder.redactor.text(text)
  const save = standInLogs({ topology, folder, sinceWallMs: startedAt.getTime(), redact })
  return async (container: Container, standIn: string): Promise<void> => {
    for (const unsaved of await save(container, standIn))
      recorder.record({ kind: 'teardown', at: clock.now(), ok: false, ...unsaved })
  }
}

/** The first word of the record: what is played on what, as far as it is known beforehand. */
const recordRun = async (
  topology: Topology,
  options: Options,
  scenario: ScenarioInfo,
  { recorder, startedAt, settings }: Opened & { readonly settings: Settings },
): Promise<void> => {
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
    images: await imageIds([SENSOR_IMAGES.callers, SENSOR_IMAGES.echo, HELPER_IMAGE]),
    ...(upgradeTo.length > 0 && { upgradeTo: await imageIds(upgradeTo) }),
  })
}
