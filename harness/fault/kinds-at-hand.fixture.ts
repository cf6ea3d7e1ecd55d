// Every kind of fault that a small deployment can have, how it is made there, and what it declares.
import type { FaultKind } from '../history/event.ts'
import { bandwidth } from './bandwidth.ts'
import { cpu } from './cpu.ts'
import { crash } from './crash.ts'
import { disk } from './disk.ts'
import { flap } from './flap.ts'
import { isolate } from './isolate.ts'
import { kill } from './kill.ts'
import type { Hits, Kind } from './kind.ts'
import type { SmallDeployment } from './kit.fixture.ts'
import { loss } from './loss.ts'
import { memory } from './memory.ts'
import { oneWay } from './one-way.ts'
import { outage } from './outage.ts'
import { partition } from './partition.ts'
import { pause } from './pause.ts'
import { reject } from './reject.ts'
import { replace } from './replace.ts'
import { restart } from './restart.ts'
import { slow } from './slow.ts'
import { stop } from './stop.ts'

export interface KindAtHand {
  /** Its own, and what tells it from others of its kind. */
  readonly name: string
  readonly kind: FaultKind
  readonly make: (deployment: SmallDeployment) => Kind
  /** Declared, and to be verified; absent where there is no such question. */
  readonly hits?: Hits
  /** How far apart the bounds may be in which it came into effect, ms; 250 where nothing is said. */
  readonly widestMs?: number
  /** What it is to keep within from injection to effect, and from heal to clear, ms at the 95th percentile. */
  readonly targetMs?: { readonly inEffect?: number; readonly clear?: number }
}

/** A heal that is ours alone; where a program has to start again, its own start is most of it. */
const HEAL_MS = 250
/** Seen from inside only, by programs that have to be started there. */
const RESOURCE_MS = 1000
/** From the engine's start of a container to the first connection that its program takes. */
const START_MS = 1500
const MIB = 2 ** 20
const ISOLATE_MS = { inEffect: 250, clear: HEAL_MS }

export const KINDS_AT_HAND: readonly KindAtHand[] = [
  { name: 'stop', kind: 'stop', make: ({ processes }) => stop(processes) },
  { name: 'kill', kind: 'kill', make: ({ processes }) => kill(processes), targetMs: { inEffect: 100 } },
  {
    name: 'pause',
    kind: 'pause',
    make: ({ processes }) => pause(processes),
    targetMs: { inEffect: 100, clear: HEAL_MS },
  },
  { name: 'restart', kind: 'restart', make: ({ processes }) => restart(processes) },
  { name: 'crash', kind: 'crash', make: ({ processes }) => crash(processes) },
  { name: 'flap', kind: 'flap', make: ({ processes }) => flap(processes, { downMs: 200, upMs: 300 }) },
  { name: 'replace', kind: 'replace', make: ({ processes }) => replace(processes), widestMs: START_MS },
  { name: 'outage', kind: 'outage', make: ({ processes }) => outage(processes) },
  { name: 'isolate', kind: 'isolate', make: ({ network }) => isolate(network), hits: 'both', targetMs: ISOLATE_MS },
  {
    name: 'isolate, new connections',
    kind: 'isolate',
    make: ({ network }) => isolate(network, { connections: 'new' }),
    hits: 'new',
    targetMs: ISOLATE_MS,
  },
  {
    name: 'isolate, established',
    kind: 'isolate',
    make: ({ network }) => isolate(network, { connections: 'established' }),
    hits: 'established',
    targetMs: { clear: HEAL_MS },
  },
  {
    name: 'one-way in',
    kind: 'one-way',
    make: ({ network }) => oneWay(network, { direction: 'in' }),
    hits: 'both',
    targetMs: { clear: HEAL_MS },
  },
  {
    name: 'one-way out',
    kind: 'one-way',
    make: ({ network }) => oneWay(network, { direction: 'out' }),
    hits: 'both',
    targetMs: { clear: HEAL_MS },
  },
  {
    name: 'reject',
    kind: 'reject',
    make: ({ network }) => reject(network),
    hits: 'both',
    targetMs: { clear: HEAL_MS },
  },
  {
    name: 'partition',
    kind: 'partition',
    make: ({ network, beyond }) => partition(network, { from: [beyond] }),
    hits: 'both',
    targetMs: { clear: HEAL_MS },
  },
  {
    name: 'loss',
    kind: 'loss',
    make: ({ network }) => loss(network, { share: 0.3 }),
    hits: 'both',
    targetMs: { clear: HEAL_MS },
  },
  {
    name: 'bandwidth',
    kind: 'bandwidth',
    make: ({ network }) => bandwidth(network, { kbitPerSecond: 1000 }),
    hits: 'both',
    targetMs: { clear: HEAL_MS },
  },
  {
    name: 'slow',
    kind: 'slow',
    make: ({ network }) => slow(network, { byMs: 50 }),
    hits: 'both',
    targetMs: { clear: HEAL_MS },
  },
  { name: 'cpu', kind: 'cpu', make: ({ processes }) => cpu(processes, { cores: 0.2 }), widestMs: RESOURCE_MS },
  {
    name: 'memory',
    kind: 'memory',
    make: ({ processes }) => memory(processes, { bytes: 128 * MIB }),
    widestMs: RESOURCE_MS,
  },
  { name: 'disk', kind: 'disk', make: ({ processes }) => disk(processes), widestMs: RESOURCE_MS },
]

/** The kinds that are not here, and what they would need. */
export const ELSEWHERE: Readonly<Partial<Record<FaultKind, string>>> = {
  drain: 'a balancer that trusts the node',
  reload: 'a balancer with a master, and it cannot end early: masters-docker.test.ts has one',
  switchover: 'a database with a standby: proof/switchover.proof.ts has one',
  certificate: 'a DP Manager to refuse it',
  upgrade:
    'another image, or another word to it: replacement/docker.test.ts has the engine’s side, remake.test.ts the way',
  reconfigure: 'the same',
}
