// The database pair with the callers of a drill as witnesses: what faults of the database and of its config store work with.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DatabaseRoles, databaseRoles } from '../acts/database-roles.ts'
import { dockerRuntime, watchEngine } from '../fault/docker.ts'
import type { DatabaseWorld } from '../fault/leadership.ts'
import type { ProcessWorld } from '../fault/process.ts'
import type { ConfigStoreWorld } from '../fault/quorum.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { processesSeenBy } from '../stage/fault-worlds.ts'
import { clockSince } from '../time/clock.ts'
import { attach } from '../topology/attach.ts'
import { lookAt } from '../topology/haproxy.ts'
import { patroniNodes } from '../topology/replication.ts'
import { nodesOf, type Topology } from '../topology/topology.ts'
import { startCallers } from '../traffic/callers.ts'
import { PAIR } from './database-pair.ts'

/** What a drill would have of the pair. */
export interface WitnessedPair {
  readonly topology: Topology
  readonly clock: ReturnType<typeof clockSince>
  readonly folder: string
  readonly recorder: Recorder
  readonly database: DatabaseWorld
  readonly configStore: ConfigStoreWorld
  readonly processes: ProcessWorld
  readonly roles: DatabaseRoles
  engineEvents(since: number): ReturnType<Recorder['events']>
  end(): Promise<void>
}

/** Attaches to the pair that was started by hand. */
export const witnessPair = async (): Promise<WitnessedPair> => {
  const { project, subnet, balancer } = PAIR
  const topology = await attach({ run: project, stack: 'high-availability', subnet })
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-pair-'))
  const clock = clockSince()
  const recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor([]))
  const engine = await watchEngine({ topology, recorder, clock })
  const callers = await startCallers({
    image: process.env.FIREDRILL_CALLERS_IMAGE || 'firedrill/callers:local',
    network: topology.network,
    run: project,
    seed: 1,
    zone: 'outside',
    nodes: topology.nodes.map(({ name }) => name),
    clock,
    recorder,
    folder,
    name: `${project}-callers`,
  })
  const exchange = callers.get
  return {
    topology,
    clock,
    folder,
    recorder,
    database: {
      members: patroniNodes(topology),
      exchange,
      runtime: dockerRuntime,
      clock,
      servers: () => lookAt(balancer),
    },
    configStore: { members: nodesOf(topology, 'config-store'), exchange, clock },
    processes: processesSeenBy({ callers, engine, clock }),
    roles: databaseRoles({ topology, get: exchange, clock }),
    engineEvents: (since) => recorder.events().filter((event) => event.kind === 'engine' && event.at >= since),
    async end() {
      engine.stop()
      await callers.stop()
      recorder.close()
      await rm(folder, { recursive: true })
    },
  }
}
