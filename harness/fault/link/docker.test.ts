import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { docker } from '../../topology/docker.ts'
import type { Node } from '../../topology/topology.ts'
import type { Attestation, Kind } from '../kind.ts'
import { networkOver } from '../network/docker.ts'
import type { NetworkWorld } from '../network/network.ts'
import { startPeers } from '../network/peers.fixture.ts'
import { slow } from '../slow.ts'
import { connectOnce, type Pace, paceOf } from './pace.ts'

let peers: Awaited<ReturnType<typeof startPeers>>
let world: NetworkWorld

beforeAll(async () => {
  peers = await startPeers()
  world = { ...networkOver(peers), keep: peers.keep, attestLimitMs: 2000 }
  await peers.reached(10_000)
})
// A test that failed leaves the next one a container that is not slow.
afterEach(async () => void (await world.network.lift(peers.target.id)))
afterAll(() => peers?.end())

const doubts = ({ evidence }: Pick<Attestation, 'evidence'>): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

const injected = async (kind: Kind, node: Node = peers.node): Promise<Attestation> => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attest(node, act.promise)
  await kind.inject(node).then(act.resolve, act.reject)
  return attested
}

const healed = async (kind: Kind, node: Node = peers.node): Promise<Attestation> => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attestClear(node, act.promise)
  await kind.heal(node).then(act.resolve, act.reject)
  return attested
}

/** What a program says inside a container of ours. */
const inside = async (container: string, ...Cmd: string[]): Promise<string> => {
  const exec = await docker().getContainer(container).exec({ Cmd, AttachStdout: true, AttachStderr: true })
  return textOf(await exec.start({}))
}

/** The engine mixes output and errors into one stream, in frames of its own: taken apart, and read to its end. */
const textOf = (stream: NodeJS.ReadableStream): Promise<string> => {
  const said = new PassThrough()
  docker().modem.demuxStream(stream, said, said)
  stream.once('end', () => said.end())
  return text(said)
}

const devices = (): Promise<string> => inside(peers.target.id, 'cat', '/proc/net/dev')

/** The container that is the first of a node. */
const first = ({ containers: [container] }: Node) => {
  if (!container) throw new RangeError('A node of no container.')
  return container
}

/** The fastest of five, of connections made anew and of one that is kept. */
const paces = async (node: Node = peers.node): Promise<Pace> => {
  const container = first(node)
  const kept = await peers.keep(container.address, 8080)
  const pace = await paceOf({ world, container, kept }, 3000)
  kept.close()
  return pace
}

/** Sends 1 MB from one container to another, which sends it back: what either end made of it. */
const SERVER = `require('node:net').createServer({ allowHalfOpen: true }, (socket) => { const parts = []
  socket.on('data', (part) => parts.push(part)).on('end', () => socket.end(Buffer.concat(parts))) }).listen(9999)`
const CLIENT = (address: string): string => `const { createHash, randomBytes } = require('node:crypto')
const sent = randomBytes(1e6), hash = (bytes) => createHash('sha256').update(bytes).digest('hex'), parts = []
const socket = require('node:net').connect({ host: '${address}', port: 9999, allowHalfOpen: true }, () => socket.end(sent))
socket.on('data', (part) => parts.push(part)).on('error', (error) => console.log(error.message))
  .on('end', () => console.log(hash(Buffer.concat(parts)) === hash(sent) ? 'whole' : 'broken'))
setTimeout(() => { console.log('late'); process.exit() }, 15000).unref()`

describe('a container that is slow by 50 ms', () => {
  test('is so on new connections and established ones, by what was asked and at most 2 ms more; healed, nothing is left', async () => {
    const before = await paces()
    const kind = slow(world, { byMs: 50 })
    const attestation = await injected(kind)
    expect(doubts(attestation)).toEqual([])
    const { freshMs, keptMs } = await paces()
    expect((freshMs ?? 0) - (before.freshMs ?? 0)).toBeGreaterThanOrEqual(49)
    expect((keptMs ?? 0) - (before.keptMs ?? 0)).toBeGreaterThanOrEqual(49)
    expect(freshMs).toBeLessThanOrEqual(52 + (before.freshMs ?? 0))
    const [from = 0, to = 0] = attestation.bounds ?? []
    expect(to - from).toBeLessThanOrEqual(250)
    expect(await devices()).toMatch(/firedrill0/)
    expect(doubts({ evidence: await kind.attestHeld(peers.node, to) })).toEqual([])
    expect(doubts(await healed(kind))).toEqual([])
    expect((await paces()).freshMs).toBeLessThan(10)
    expect(await devices()).not.toMatch(/firedrill0/)
    await world.network.settled()
    expect(await peers.helpers()).toEqual([])
    expect(await world.network.look(peers.target.id)).toBe(false)
  })

  test('carries 1 MB whole, there and back', async () => {
    const kind = slow(world, { byMs: 50 })
    await injected(kind)
    void inside(peers.target.id, 'node', '-e', SERVER)
    const caller = `${peers.run}-caller`
    const listens = `s=1; for i in $(seq 50); do if (exec 3<>/dev/tcp/${first(peers.node).address}/9999) 2>/dev/null; then s=0; break; fi; done; exit $s`
    await inside(caller, 'bash', '-c', listens)
    expect((await inside(caller, 'node', '-e', CLIENT(first(peers.node).address))).trim()).toBe('whole')
    await kind.heal(peers.node)
  })

  test('adds at most 2 ms to that at the median', async () => {
    const connects = async (): Promise<{ leastMs: number; medianMs: number }> => {
      const tookMs: number[] = []
      for (let i = 0; i < 21; i += 1)
        tookMs.push((await connectOnce({ world, container: first(peers.node) }, 3000)).tookMs)
      tookMs.sort((a, b) => a - b)
      return { leastMs: tookMs[0] ?? Infinity, medianMs: tookMs[10] ?? Infinity }
    }
    const before = await connects()
    const kind = slow(world, { byMs: 50 })
    await injected(kind)
    const slowed = await connects()
    await kind.heal(peers.node)
    // A machine that was busy before makes the median of then no measure of what is the least.
    expect(slowed.leastMs - before.leastMs - 50).toBeGreaterThanOrEqual(-0.5)
    expect(slowed.medianMs - before.medianMs - 50).toBeLessThanOrEqual(2)
  })

  test('is held by a helper with NET_ADMIN and /dev/net/tun alone, that can write nowhere', async () => {
    const kind = slow(world, { byMs: 50 })
    await injected(kind)
    const [helper] = await peers.helpers()
    const { HostConfig } = await docker()
      .getContainer(helper?.Id ?? '')
      .inspect()
    await kind.heal(peers.node)
    const { Privileged, CapAdd, CapDrop, ReadonlyRootfs, NetworkMode, Devices } = HostConfig
    expect({ Privileged, CapAdd, CapDrop, ReadonlyRootfs, NetworkMode, Devices }).toEqual({
      Privileged: false,
      CapAdd: ['NET_ADMIN'],
      CapDrop: ['ALL'],
      ReadonlyRootfs: true,
      NetworkMode: `container:${peers.target.id}`,
      Devices: [{ PathOnHost: '/dev/net/tun', PathInContainer: '/dev/net/tun', CgroupPermissions: 'rw' }],
    })
  })
})

test('a jitter of 40 ms is added to some connections more than to others, and never more than asked', async () => {
  const kind = slow(world, { byMs: 20, jitterMs: 40 })
  expect(doubts(await injected(kind))).toEqual([])
  const tookMs: number[] = []
  for (let i = 0; i < 30; i += 1) tookMs.push((await connectOnce({ world, container: first(peers.node) }, 3000)).tookMs)
  await kind.heal(peers.node)
  tookMs.sort((a, b) => a - b)
  const [least = 0, most = 0] = [tookMs[0], tookMs[26]]
  expect(least).toBeGreaterThanOrEqual(20)
  expect(most - least).toBeGreaterThan(10)
  expect(most).toBeLessThanOrEqual(70)
})

test('a container that believes no packet whose way back is another device is slowed too', async () => {
  const container = await docker().createContainer({
    name: `${peers.run}-strict`,
    Image: process.env.FIREDRILL_UPSTREAM_IMAGE ?? 'firedrill/upstream:local',
    Labels: { 'firedrill.run': peers.run },
    HostConfig: {
      NetworkMode: peers.run,
      Sysctls: { 'net.ipv4.conf.all.rp_filter': '1', 'net.ipv4.conf.default.rp_filter': '1' },
    },
  })
  await container.start()
  const { NetworkSettings } = await container.inspect()
  const address = NetworkSettings.Networks[peers.run]?.IPAddress ?? ''
  const strict: Node = {
    ...peers.node,
    name: 'strict',
    containers: [{ ...first(peers.node), id: container.id, name: 'strict', address }],
  }
  while ((await connectOnce({ world, container: first(strict) }, 200)).tookMs === Infinity) {}
  const kind = slow(world, { byMs: 30 })
  expect(doubts(await injected(kind, strict))).toEqual([])
  expect(doubts(await healed(kind, strict))).toEqual([])
  await container.remove({ force: true })
})

/** For want of pkill: the process by the name of its program. */
const KILL_LINK = 'cd /proc; for p in [0-9]*; do [[ $(<$p/comm) = link ]] && kill -9 $p; done'

describe('packets flow again, whatever dies', () => {
  test('the helper is killed: within 5 s, and a heal takes away the rest and says that nobody knows', async () => {
    const kind = slow(world, { byMs: 50 })
    await injected(kind)
    const [helper] = await peers.helpers()
    await docker()
      .getContainer(helper?.Id ?? '')
      .kill({ signal: 'SIGKILL' })
    expect(await peers.reached(5000)).toBeLessThan(5000)
    expect((await paces()).freshMs).toBeLessThan(10)
    expect(await world.network.look(peers.target.id)).toBe(true)
    expect(doubts({ evidence: await kind.attestHeld(peers.node, 0) }).join()).toMatch(/nobody holds a slow link there/)
    expect(doubts(await healed(kind)).join()).toMatch(/nobody knows how long the rule held: .*ERR_HELPER_GONE/)
    expect(await world.network.look(peers.target.id)).toBe(false)
  })

  test('the link dies and its helper lives: within 2 s, and the heal says that nobody knows', async () => {
    const kind = slow(world, { byMs: 50 })
    await injected(kind)
    const [helper] = await peers.helpers()
    await inside(helper?.Id ?? '', 'bash', '-c', KILL_LINK)
    expect(await peers.reached(2000)).toBeLessThan(2000)
    expect((await paces()).freshMs).toBeLessThan(10)
    expect(doubts(await healed(kind)).join()).toMatch(/nobody knows how long the rule held/)
    expect(await world.network.look(peers.target.id)).toBe(false)
  })

  test('somebody else heals it: at once, and nothing is left though its helper lives', async () => {
    const kind = slow(world, { byMs: 50 })
    await injected(kind)
    await networkOver(peers).network.lift(peers.target.id)
    expect((await paces()).freshMs).toBeLessThan(10)
    expect(await devices()).not.toMatch(/firedrill0/)
    await kind.heal(peers.node)
  })
})

describe('where the kernel has netem', () => {
  /** A tc that keeps what it is told, and shows the queue that it was given. */
  const program = `
    tc() { if [[ $* = *show* ]]; then if [[ -s /tmp/added ]]; then echo 'qdisc netem fd: root'; echo ' Sent 700 bytes 7 pkt'; fi
      elif [[ $2 = add ]]; then echo "$*" >/tmp/added; echo "$*" >>/tmp/told; else : >/tmp/added; echo "$*" >>/tmp/told; fi; }
    export -f tc
    printf '%s\\n' 'inject slow-netem delay=50 jitter=20' count look heal | firedrill-link
    cat /tmp/told`

  test('what goes out waits for the delay and up to the jitter, in order; counted, and healed', async () => {
    const container = await docker().createContainer({
      name: `${peers.run}-netem`,
      Image: 'firedrill/fault-helper:local',
      Labels: { 'firedrill.run': peers.run, 'firedrill.part': 'helper' },
      Entrypoint: ['bash', '-c', program],
      HostConfig: { NetworkMode: peers.run, CapDrop: ['ALL'], CapAdd: ['NET_ADMIN'] },
    })
    await container.start()
    await container.wait()
    const said = await textOf(await container.logs({ stdout: true, follow: true }))
    expect(said.trim().split('\n')).toEqual([
      'ready',
      'in effect',
      'counted 0 7 0 0',
      'present',
      'healed 0 7 0 0',
      'qdisc add dev eth0 root handle fd: netem limit 100000 delay 60000us 10000us rate 10gbit',
      'qdisc delete dev eth0 root',
    ])
    await container.remove()
  })
})
