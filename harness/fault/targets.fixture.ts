// Small containers to break, each made in its own way, on a network of their own with somebody who tries to connect.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Duplex, PassThrough } from 'node:stream'
import { openRecorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { clockSince } from '../time/clock.ts'
import { docker } from '../topology/docker.ts'
import { withEngineUnstuck } from '../topology/engine-restart.ts'
import { endLease, takeLease } from '../topology/lease.ts'
import { remove } from '../topology/residue.ts'
import type { Node } from '../topology/topology.ts'
import { dockerRuntime, watchEngine } from './docker.ts'
import type { FaultLog } from './fault.ts'
import { createFaults } from './faults.ts'
import type { ProcessWorld } from './process.ts'
import type { Probe } from './runtime.ts'
import type { Undo } from './undo.ts'

const IMAGE = process.env.FIREDRILL_UPSTREAM_IMAGE ?? 'firedrill/upstream:local'
const SUBNET = '10.213.87'
const PORT = 8080

/** One JSON line an order; each is answered once, whenever it is done. Times are of the kernel that both share. */
const CALLER = `
const net = process.getBuiltinModule('node:net')
const now = () => Number(process.hrtime.bigint()) / 1e6
process.getBuiltinModule('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, host, port, limitMs } = JSON.parse(line)
  const from = now()
  const done = (outcome) => {
    if (!limit) return
    clearTimeout(limit)
    limit = null
    socket.destroy()
    process.stdout.write(JSON.stringify({ id, outcome, from, to: now() }) + '\\n')
  }
  let limit = setTimeout(() => done('timed-out'), limitMs)
  const socket = net.connect({ host, port }).on('connect', () => done('connected'))
    .on('error', (error) => done(error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable'))
})
`

const callerOf = async (id: string, originMs: number): Promise<Probe> => {
  const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true }
  const stream = (await docker().getContainer(id).attach(options)) as Duplex
  const stdout = new PassThrough()
  docker().modem.demuxStream(stream, stdout, process.stderr)
  const waiting = new Map<number, (answer: Awaited<ReturnType<Probe>>) => void>()
  createInterface({ input: stdout }).on('line', (line) => {
    const { id: order, outcome, from, to } = JSON.parse(line)
    waiting.get(order)?.({ outcome, from: from - originMs, to: to - originMs })
    waiting.delete(order)
  })
  let count = 0
  return (host, port, limitMs) => {
    count += 1
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Probe>>>()
    waiting.set(count, resolve)
    stream.write(`${JSON.stringify({ id: count, host, port, limitMs })}\n`)
    return promise
  }
}

/** How one target is made, in the engine's words. */
export type Made = Readonly<Record<string, unknown>>

/** What runs in every target: where nothing is said, a program that answers over HTTP. */
export interface Program {
  readonly image: string
  /** The container's own settings, beside its host's: what is run, and with which variables. */
  readonly container: Made
  /** The port that is connected to, and others by their names, which are published on 127.0.0.1. */
  readonly port: number
  readonly published: Readonly<Record<string, number>>
}

const ANSWERING: Program = { image: IMAGE, container: {}, port: PORT, published: {} }

/** Starts one container for each of `made`, which are nodes by these names. `end` removes everything. */
export const startTargets = async <Name extends string>(
  made: Readonly<Record<Name, Made>>,
  program: Program = ANSWERING,
) => {
  const run = `process-test-${randomBytes(3).toString('hex')}`
  await takeLease({ run, kind: 'drill', subnet: `${SUBNET}.0/24` })
  try {
    return await start(run, made, program)
  } catch (error) {
    await withEngineUnstuck(run, () => remove(run))
    await endLease(run)
    throw error
  }
}

/** A node with the ports that the engine chose for it on this machine. */
const withPorts = async (node: Node, id: string, published: readonly (readonly [string, number])[]): Promise<Node> => {
  const { NetworkSettings } = await docker().getContainer(id).inspect()
  const ports = published.map(([name, inside]) => {
    const [chosen] = NetworkSettings.Ports[`${inside}/tcp`] ?? []
    return [name, { inside, published: Number(chosen?.HostPort) }] as const
  })
  const containers = node.containers.map((each) => ({
    ...each,
    ports: { ...each.ports, ...Object.fromEntries(ports) },
  }))
  return { ...node, containers }
}

const start = async <Name extends string>(run: string, made: Readonly<Record<Name, Made>>, program: Program) => {
  await docker().createNetwork({
    Name: run,
    Labels: { 'firedrill.run': run },
    IPAM: { Config: [{ Subnet: `${SUBNET}.0/24` }] },
  })
  const create = async (
    name: string,
    place: number,
    { image, container: more }: Pick<Program, 'image' | 'container'>,
    config: Made = {},
  ) => {
    const address = `${SUBNET}.${place}`
    const container = await docker().createContainer({
      name: `${run}-${name}`,
      Image: image,
      Labels: { 'firedrill.run': run, 'firedrill.node': name, 'firedrill.role': 'data-plane' },
      HostConfig: { NetworkMode: run, ...config },
      NetworkingConfig: { EndpointsConfig: { [run]: { IPAMConfig: { IPv4Address: address } } } },
      ...more,
    })
    const node: Node = {
      name,
      role: 'data-plane',
      zone: 'a',
      containers: [
        {
          id: container.id,
          name: `${run}-${name}`,
          service: name,
          address,
          image,
          ports: { http: { inside: program.port } },
        },
      ],
    }
    return { container, node }
  }
  const clock = clockSince()
  const names = Object.keys(made) as Name[]
  const published = Object.entries(program.published)
  const PortBindings = Object.fromEntries(published.map(([, port]) => [`${port}/tcp`, [{ HostIp: '127.0.0.1' }]]))
  const ExposedPorts = Object.fromEntries(published.map(([, port]) => [`${port}/tcp`, {}]))
  const target = { image: program.image, container: { ...program.container, ExposedPorts } }
  const calls = { Cmd: ['-e', CALLER], OpenStdin: true, StdinOnce: true }
  const [caller, ...created] = await Promise.all([
    create('caller', 3, { image: IMAGE, container: calls }),
    ...names.map((name, index) => create(name, 10 + index, target, { PortBindings, ...made[name] })),
  ])
  const probe = await callerOf(caller.container.id, clock.originMs)
  await Promise.all([caller, ...created].map(({ container }) => container.start()))
  const targets = await Promise.all(
    created.map(async ({ node, container }) => ({ node: await withPorts(node, container.id, published) })),
  )
  const reached = async (node: Node): Promise<void> => {
    const until = clock.now() + 10_000
    while ((await probe(node.containers[0]?.address ?? '', program.port, 250)).outcome !== 'connected')
      if (clock.now() > until) throw new Error(`${node.name} was not reached within 10 s.`)
  }
  await Promise.all(targets.map(({ node }) => reached(node)))

  const folder = await mkdtemp(join(tmpdir(), 'firedrill-'))
  const recorder = openRecorder(join(folder, 'history.jsonl'), createRedactor([]))
  const topology = { stack: 'targets', project: run, network: run, subnet: SUBNET, nodes: [] }
  const engine = await watchEngine({ topology, recorder, clock })
  const world: ProcessWorld = {
    runtime: dockerRuntime,
    engine,
    clock,
    probe,
    ask: async () => ({ answered: false, from: clock.now(), to: clock.now() }),
    resolve: async () => ({ addresses: [], from: clock.now(), to: clock.now() }),
  }
  const intended: Undo[] = []
  const log: FaultLog = {
    intend: async ({ undo }) => void intended.push(...undo),
    clear: async () => {},
  }
  const faults = createFaults({ recorder, clock, servers: async () => [], log })
  return {
    world,
    faults,
    nodes: Object.fromEntries(targets.map(({ node }, index) => [names[index], node])) as Record<Name, Node>,
    /** Every undo step that was written down so far. */
    intended,
    /** What witnesses said against it at the last event of this stage. */
    doubts: (stage: 'in-effect' | 'heal' | 'clear'): readonly string[] => {
      const event = recorder.events().findLast((each) => each.kind === 'fault' && each.stage === stage)
      if (event?.kind !== 'fault') return [`nobody wrote down that it was ${stage}`]
      return (event.evidence ?? []).filter((each) => !each.confirms).map((each) => each.said)
    },
    /** What they said for it. */
    said: (stage: 'in-effect' | 'heal' | 'clear'): string => {
      const event = recorder.events().findLast((each) => each.kind === 'fault' && each.stage === stage)
      return event?.kind === 'fault' ? (event.evidence ?? []).map((each) => each.said).join('; ') : ''
    },
    end: async (): Promise<void> => {
      await faults.healAll()
      engine.stop()
      recorder.close()
      await withEngineUnstuck(run, () => remove(run))
      await endLease(run)
      await rm(folder, { recursive: true })
    },
  }
}
