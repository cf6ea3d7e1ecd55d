// Two small containers on a network of their own: one to cut off, and one that tries to reach it.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { type Duplex, PassThrough } from 'node:stream'
import { clockSince } from '../../time/clock.ts'
import { docker } from '../../topology/docker.ts'
import { withEngineUnstuck } from '../../topology/engine-restart.ts'
import { endLease, takeLease } from '../../topology/lease.ts'
import { remove } from '../../topology/residue.ts'
import type { Node } from '../../topology/topology.ts'
import type { Probe } from '../runtime.ts'
import type { Kept } from './network.ts'

const IMAGE = process.env.FIREDRILL_UPSTREAM_IMAGE ?? 'firedrill/upstream:local'
const SUBNET = '10.213.81'
const PORT = 8080

/** One JSON line an order; each is answered once, whenever it is done. */
const CALLER = `
const net = process.getBuiltinModule('node:net')
const now = () => Number(process.hrtime.bigint()) / 1e6
const request = 'GET / HTTP/1.1\\r\\nHost: target\\r\\n\\r\\n'
const open = ({ host, port }, done) => net.connect({ host, port }).once('connect', () => done('connected'))
  .once('error', (error) => done(error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable'))
const kept = new Map()
const acts = {
  connect: (order, done) => open(order, done),
  keep: (order, done) => { const socket = open(order, done).on('error', () => {}); kept.set(order.key, socket); return socket },
  ask: (order, done) => {
    const socket = kept.get(order.key)
    if (socket.destroyed) done('reset')
    else socket.once('data', () => done('answered')).once('close', () => done('reset')).write(request)
  },
  drop: (order, done) => { kept.get(order.key).destroy(); done('dropped') },
}
process.getBuiltinModule('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line)
  const from = now()
  let socket
  let isDone = false
  const done = (outcome) => {
    if (isDone) return
    isDone = true
    clearTimeout(limit)
    if (order.act === 'connect') socket?.destroy()
    process.stdout.write(JSON.stringify({ id: order.id, outcome, from, to: now() }) + '\\n')
  }
  const limit = setTimeout(() => done('timed-out'), order.limitMs)
  socket = acts[order.act](order, done)
})
`

type Outcome = Awaited<ReturnType<Probe>>['outcome']

/** What the caller says of one order; times in ms on the clock of the peers. */
interface Answer {
  readonly id: number
  readonly outcome: Outcome | 'answered' | 'reset' | 'dropped'
  readonly from: number
  readonly to: number
}

const attachCaller = async (id: string, originMs: number) => {
  const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true }
  const stream = (await docker().getContainer(id).attach(options)) as Duplex
  const stdout = new PassThrough()
  docker().modem.demuxStream(stream, stdout, process.stderr)
  const waiting = new Map<number, (answer: Answer) => void>()
  createInterface({ input: stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer
    waiting.get(answer.id)?.({ ...answer, from: answer.from - originMs, to: answer.to - originMs })
  })
  let count = 0
  return (order: { act: string; host?: string; port?: number; limitMs: number; key?: number }): Promise<Answer> => {
    count += 1
    const { promise, resolve } = Promise.withResolvers<Answer>()
    waiting.set(count, resolve)
    stream.write(`${JSON.stringify({ id: count, ...order })}\n`)
    return promise
  }
}

const nodeOf = (id: string, name: string, address: string): Node => ({
  name: 'target',
  role: 'data-plane',
  zone: 'a',
  containers: [
    {
      id,
      name,
      service: 'target',
      address,
      image: IMAGE,
      ports: { http: { inside: PORT } },
    },
  ],
})

/** Whether the engine's kernel, which is this one's, speaks IPv6 at all. */
export const HAS_IPV6 = existsSync('/proc/sys/net/ipv6')

/** As newer engines have it on any network: a container reaches itself by ::1. */
const LOOPBACK_IPV6 = { 'net.ipv6.conf.lo.disable_ipv6': '0' }

/** Starts both. `end` removes everything that carries the run's label, helpers too. */
export const startPeers = async (subnet = SUBNET) => {
  const run = `isolate-test-${randomBytes(3).toString('hex')}`
  await takeLease({ run, kind: 'drill', subnet: `${subnet}.0/24` })
  const Labels = { 'firedrill.run': run }
  const IPAM = { Config: [{ Subnet: `${subnet}.0/24` }] }
  await docker().createNetwork({ Name: run, Labels, IPAM })
  const created = (name: string, address: string, more: object) =>
    docker().createContainer({
      name: `${run}-${name}`,
      Image: IMAGE,
      Labels,
      HostConfig: { NetworkMode: run },
      NetworkingConfig: { EndpointsConfig: { [run]: { IPAMConfig: { IPv4Address: address } } } },
      ...more,
    })
  const [target, caller] = await Promise.all([
    created('target', `${subnet}.2`, { HostConfig: { NetworkMode: run, ...(HAS_IPV6 && { Sysctls: LOOPBACK_IPV6 }) } }),
    created('caller', `${subnet}.3`, { Cmd: ['-e', CALLER], OpenStdin: true, StdinOnce: true }),
  ])
  const clock = clockSince()
  const order = await attachCaller(caller.id, clock.originMs)
  await Promise.all([target.start(), caller.start()])
  const to = { host: `${subnet}.2`, port: PORT }
  const probe: Probe = async (host, port, limitMs) => {
    const { outcome, from, to: until } = await order({ act: 'connect', host, port, limitMs })
    return { outcome: outcome as Outcome, from, to: until }
  }
  let keys = 0
  const keep = async (host: string, port: number): Promise<Kept> => {
    keys += 1
    const key = keys
    const { outcome } = await order({ act: 'keep', host, port, limitMs: 2000, key })
    if (outcome !== 'connected') throw new Error(`No connection to keep: ${outcome}.`)
    return {
      ask: async (limitMs) => {
        const said = (await order({ act: 'ask', limitMs, key })).outcome
        return said === 'answered' || said === 'reset' ? said : 'silent'
      },
      draw: () => Promise.reject(new Error('Nobody draws here.')),
      close: () => void order({ act: 'drop', limitMs: 1000, key }),
    }
  }
  const connect = async (limitMs: number): Promise<string> => (await order({ act: 'connect', ...to, limitMs })).outcome
  return {
    run,
    clock,
    probe,
    keep,
    node: nodeOf(target.id, `${run}-target`, `${subnet}.2`),
    target,
    /** One new connection. */
    connect,
    /** Resolves once a new connection is taken; rejects when `limitMs` has passed. The ms that it took. */
    reached: async (limitMs: number): Promise<number> => {
      const from = clock.now()
      while ((await connect(100)) !== 'connected')
        if (clock.now() - from > limitMs) throw new Error(`The target was not reached within ${limitMs} ms.`)
      return clock.now() - from
    },
    /** The helpers that are there, running or not. */
    helpers: () =>
      docker().listContainers({ all: true, filters: { label: [`firedrill.run=${run}`, 'firedrill.part=helper'] } }),
    end: async (): Promise<void> => {
      await withEngineUnstuck(run, () => remove(run))
      await endLease(run)
    },
  }
}
