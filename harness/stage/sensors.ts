// Who watches a drill and who calls in it: the engine's events, the balancers, the machine, and the callers with their echo.
import { RESOLUTION_MS } from '../analysis/machine.ts'
import { sees } from '../analysis/sight.ts'
import { watchEngine } from '../fault/docker.ts'
import type { ScenarioInfo } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Options } from '../options.ts'
import type { clockSince } from '../time/clock.ts'
import { balancersOf } from '../topology/haproxy.ts'
import { callersIn, type Node, nodesOf, type Topology, type Zone } from '../topology/topology.ts'
import { whoseContainer } from '../topology/whose-container.ts'
import { type Callers, createLiveView, startCallers, startEcho } from '../traffic/callers.ts'
import { callersInZones } from '../traffic/callers-in-zones.ts'
import { watchProcessors } from '../traffic/processors.ts'
import { watchRotation } from '../traffic/rotation.ts'
import { watchHarness } from '../traffic/standstill.ts'
import { addressesOf } from './lanes.ts'

/** What callers and their echo are made of. */
export const SENSOR_IMAGES = {
  callers: process.env.FIREDRILL_CALLERS_IMAGE ?? 'firedrill/callers:local',
  echo: process.env.FIREDRILL_UPSTREAM_IMAGE ?? 'firedrill/upstream:local',
}

/** Which drill they are started for. */
export interface SensorPlan {
  readonly topology: Topology
  readonly options: Pick<Options, 'run' | 'seed' | 'callersCpus'>
  readonly scenario: Pick<ScenarioInfo, 'name'>
  readonly folder: string
  readonly recorder: Recorder
  readonly clock: ReturnType<typeof clockSince>
}

/** All of them, started. */
export type Sensors = Awaited<ReturnType<typeof startSensors>>

/** Callers in a zone as faults see them: a node that is cut off with its zone, and that nobody calls. */
const callersNode = (zone: Zone, { container }: Callers): Node => ({
  name: callersIn(zone),
  role: 'caller',
  zone,
  containers: container ? [{ ...container, service: callersIn(zone), ports: {} }] : [],
})

/** Nobody is called yet: that is for the lanes. Rejects when one of them cannot be started. */
export const startSensors = async ({ topology, options, scenario, folder, recorder, clock }: SensorPlan) => {
  const name = `${options.run}-${scenario.name}`
  const live = createLiveView({ aboveMs: RESOLUTION_MS, isSeenBy: sees })
  const zones = topology.callerZones ?? []
  const callersAt = (zone: Zone): Promise<Callers> =>
    startCallers({
      image: SENSOR_IMAGES.callers,
      network: topology.network,
      run: options.run,
      seed: options.seed,
      zone,
      live,
      nodes: nodesOf(topology, 'data-plane', 'control-plane').map((node) => node.name),
      addresses: addressesOf(topology),
      clock,
      recorder,
      folder,
      name: `${name}-${zone === 'outside' ? 'callers' : callersIn(zone)}`,
      among: 1 + zones.length,
      ...(options.callersCpus !== undefined && { cpus: options.callersCpus }),
    })
  const processors = watchProcessors({
    recorder,
    clock,
    deployment: {
      expected: topology.nodes.flatMap(({ containers }) => containers.map(({ id }) => id)),
      whose: (container) => whoseContainer(options.run, container),
    },
  })
  const harness = watchHarness({ recorder, clock })
  const [engine, rotation, outside, echo, ...inZones] = await Promise.all([
    watchEngine({ topology, recorder, clock }),
    watchRotation({ balancers: balancersOf(topology), recorder, clock }),
    callersAt('outside'),
    startEcho({ image: SENSOR_IMAGES.echo, network: topology.network, run: options.run, name: `${name}-echo` }),
    ...zones.map(callersAt),
  ])
  const placed = inZones.map((callers, k) => ({ zone: zones[k] ?? '', callers }))
  return {
    processors,
    harness,
    engine,
    rotation,
    echo,
    callers: callersInZones(outside, new Map(placed.map(({ zone, callers }) => [zone, callers]))),
    /** The callers of each zone, as a fault that cuts the zone off takes them along. */
    callersInZones: placed.map(({ zone, callers }) => callersNode(zone, callers)),
  }
}
