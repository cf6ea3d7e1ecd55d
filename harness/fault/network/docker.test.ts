import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { docker } from '../../topology/docker.ts'
import { isolate } from '../isolate.ts'
import type { Attestation } from '../kind.ts'
import { networkOver } from './docker.ts'
import { ISOLATE } from './in-memory.fixture.ts'
import type { NetworkWorld } from './network.ts'
import { startPeers } from './peers.fixture.ts'

let peers: Awaited<ReturnType<typeof startPeers>>
let world: NetworkWorld

beforeAll(async () => {
  peers = await startPeers()
  world = networkOver(peers)
  await peers.reached(10_000)
})
afterAll(() => peers?.end())

const id = (): string => peers.target.id
const doubts = ({ evidence }: Attestation): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

const inject = async (kind = isolate(world)) => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attest(peers.node, act.promise)
  await kind.inject(peers.node).then(act.resolve, act.reject)
  return { kind, attestation: await attested }
}

const heal = async (kind = isolate(world)): Promise<Attestation> => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attestClear(peers.node, act.promise)
  await kind.heal(peers.node).then(act.resolve, act.reject)
  return attested
}

/** A process of its own that isolates the target and is told nothing more. */
const holder = async (): Promise<ChildProcess> => {
  const program = join(import.meta.dirname, 'holder.fixture.ts')
  const child = spawn(process.execPath, [program, peers.run, id()], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

describe('a container that is isolated', () => {
  test('takes no new connection and answers on none; healed, it does both, and no helper is left', async () => {
    const kept = await peers.keep('10.213.81.2', 8080)
    expect(await kept.ask(2000)).toBe('answered')
    const { kind, attestation } = await inject()
    expect(doubts(attestation)).toEqual([])
    expect([await peers.connect(300), await kept.ask(300)]).toEqual(['timed-out', 'silent'])
    expect(doubts(await heal(kind))).toEqual([])
    expect([await peers.connect(300), await kept.ask(5000)]).toEqual(['connected', 'answered'])
    await world.network.settled()
    expect(await peers.helpers()).toEqual([])
  })

  test('still reaches itself, its own address and the name server of the engine', async () => {
    const { kind } = await inject()
    const program = `for a in 127.0.0.1 $(hostname -i); do exec 3<>/dev/tcp/$a/8080 && echo open; done; getent hosts $HOSTNAME >/dev/null && echo named`
    const exec = await peers.target.exec({ Cmd: ['bash', '-c', program], AttachStdout: true, AttachStderr: true })
    const chunks: Buffer[] = []
    const stream = await exec.start({})
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(stream, 'end')
    await heal(kind)
    expect(
      Buffer.concat(chunks)
        .toString()
        .match(/open|named/g),
    ).toEqual(['open', 'open', 'named'])
  })

  test('is held by a helper with NET_ADMIN alone, that can write nowhere', async () => {
    const { kind } = await inject()
    const [helper] = await peers.helpers()
    const { HostConfig } = await docker()
      .getContainer(helper?.Id ?? '')
      .inspect()
    await heal(kind)
    const { Privileged, CapAdd, CapDrop, ReadonlyRootfs, NetworkMode } = HostConfig
    expect({ Privileged, CapAdd, CapDrop, ReadonlyRootfs, NetworkMode }).toEqual({
      Privileged: false,
      CapAdd: ['NET_ADMIN'],
      CapDrop: ['ALL'],
      ReadonlyRootfs: true,
      NetworkMode: `container:${id()}`,
    })
  })

  test('takes no second rule, and the heal takes the first away', async () => {
    const { kind } = await inject()
    const other = networkOver(peers)
    await expect(other.network.impose(id(), ISOLATE)).rejects.toThrow(/refused: .*File exists/)
    expect(doubts(await heal(kind))).toEqual([])
    await other.network.lift(id())
    expect(await peers.connect(300)).toBe('connected')
  })

  test('stays so for longer than the lease while somebody beats', async () => {
    const { kind } = await inject()
    await peers.connect(4300)
    expect(await peers.connect(300)).toBe('timed-out')
    expect(doubts(await heal(kind))).toEqual([])
  })
})

describe('healing, whatever dies', () => {
  test('whoever holds the helper is killed: the rule and the helper are gone within 4 s', async () => {
    const child = await holder()
    expect(await peers.connect(300)).toBe('timed-out')
    child.kill('SIGKILL')
    expect(await peers.reached(4000)).toBeLessThan(4000)
    expect(await world.network.look(id())).toBe(false)
  })

  test('whoever holds the helper hangs: it hears no beat for 3 s and heals', async () => {
    const child = await holder()
    child.kill('SIGSTOP')
    const tookMs = await peers.reached(6000)
    const isThere = await world.network.look(id())
    child.kill('SIGKILL')
    expect(tookMs).toBeGreaterThan(1500)
    expect(isThere).toBe(false)
  })

  test('the helper is killed: the rule lapses by the kernel’s own lease, the heal says so and takes away the rest', async () => {
    const { kind } = await inject()
    const [helper] = await peers.helpers()
    await docker()
      .getContainer(helper?.Id ?? '')
      .kill({ signal: 'SIGKILL' })
    expect(await peers.connect(300)).toBe('timed-out')
    await peers.reached(5000)
    expect(await world.network.look(id())).toBe(true)
    expect(doubts(await heal(kind)).join()).toMatch(/nobody knows how long the rule held: .*ERR_HELPER_GONE/)
    expect(await world.network.look(id())).toBe(false)
  })

  test('the helper is told to end: it lifts its rule first', async () => {
    const { kind } = await inject()
    const [helper] = await peers.helpers()
    await docker()
      .getContainer(helper?.Id ?? '')
      .kill({ signal: 'SIGTERM' })
    expect(await peers.reached(1000)).toBeLessThan(1000)
    expect(doubts(await heal(kind)).join()).toMatch(/nobody knows how long the rule held/)
  })

  test('a heal without a fault changes nothing, and a heal of another’s fault ends it', async () => {
    await world.network.lift(id())
    const child = await holder()
    await world.network.lift(id())
    expect(await peers.connect(300)).toBe('connected')
    child.kill('SIGKILL')
  })

  test('the target is restarted: it is reached again, and the record contradicts that it was cut off until the heal', async () => {
    const { kind } = await inject()
    await peers.target.restart({ t: 1 })
    await peers.reached(10_000)
    expect(doubts(await heal(kind)).join()).toMatch(/the rule ended with that life/)
  })

  test('the target does not run: it cannot be isolated, and there is nothing to heal', async () => {
    await peers.target.kill()
    await expect(world.network.impose(id(), ISOLATE)).rejects.toThrow(/ERR_HELPER/)
    await world.network.lift(id())
    expect(await world.network.look(id())).toBeNull()
    await world.network.settled()
    expect(await peers.helpers()).toEqual([])
  })
})
