import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { docker } from '../../topology/docker.ts'
import type { Container } from '../../topology/topology.ts'
import { bandwidth } from '../bandwidth.ts'
import { execute } from '../execute.ts'
import type { Attestation, Kind } from '../kind.ts'
import { type SmallDeployment, startSmallDeployment } from '../kit.fixture.ts'
import { networkOver } from '../network/docker.ts'
import { undo } from '../undoing.ts'
import { drawFresh, tookMs } from './draw.ts'

const KBIT = 1000
/** Of the upstream's answers, about 36 kB: 290 ms at 1000 kbit/s less what may go at once. */
const ANSWERS = 150

let deployment: SmallDeployment
let container: Container

beforeAll(async () => {
  deployment = await startSmallDeployment({ pairs: 1, subnet: '10.213.82', patienceMs: 2000 })
  const [found] = node().containers
  if (!found) throw new RangeError('A node of no container.')
  container = found
}, 60_000)
// A test that failed leaves the next one a container that is not limited.
afterEach(async () => void (await deployment.network.network.lift(container.id)))
afterAll(() => deployment?.end())

const node = () => {
  const found = deployment.topology.nodes.find(({ name }) => name === 'target-1')
  if (!found) throw new RangeError('There is no target.')
  return found
}

const doubts = ({ evidence }: Pick<Attestation, 'evidence'>): readonly string[] =>
  evidence.filter((each) => !each.confirms).map((each) => each.said)

const injected = async (kind: Kind): Promise<Attestation> => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attest(node(), act.promise)
  await kind.inject(node()).then(act.resolve, act.reject)
  return attested
}

const healed = async (kind: Kind): Promise<Attestation> => {
  const act = Promise.withResolvers<void>()
  const attested = kind.attestClear(node(), act.promise)
  await kind.heal(node()).then(act.resolve, act.reject)
  return attested
}

const drawMs = async (): Promise<number> => {
  const drawn = await drawFresh(deployment.network, container, { answers: ANSWERS, limitMs: 5000 })
  return drawn ? tookMs(drawn) : Infinity
}

const helper = async () => {
  const label = [`firedrill.run=${deployment.network.run}`, 'firedrill.part=helper']
  const [found] = await docker().listContainers({ filters: { label } })
  return docker().getContainer(found?.Id ?? '')
}

describe('a container whose bandwidth is 1000 kbit/s', () => {
  test('sends no faster than that, counted by its queue; healed, it does, and nothing is left', async () => {
    const kind = bandwidth(deployment.network, { kbitPerSecond: KBIT })
    expect(await drawMs()).toBeLessThan(150)
    const attestation = await injected(kind)
    expect(doubts(attestation)).toEqual([])
    expect(attestation.evidence.map(({ said }) => said).join('\n')).toMatch(
      /a new connection took .*\n.*open before took .*\n.*lets 1000 kbit\/s out, has sent \d+ bytes/,
    )
    expect(await drawMs()).toBeGreaterThan(200)
    const { HostConfig } = await (await helper()).inspect()
    expect([HostConfig.CapAdd, HostConfig.Privileged, HostConfig.Devices]).toEqual([['NET_ADMIN'], false, null])
    expect(doubts({ evidence: await kind.attestHeld(node(), 0) })).toEqual([])
    expect(doubts(await healed(kind))).toEqual([])
    expect(await drawMs()).toBeLessThan(150)
    expect(await deployment.leftOn([node()])).toEqual([])
  })

  test('is held for longer than the lease while somebody beats', async () => {
    const kind = bandwidth(deployment.network, { kbitPerSecond: KBIT })
    await injected(kind)
    const until = deployment.clock.now() + 4500
    while (deployment.clock.now() < until) expect(await drawMs()).toBeGreaterThan(200)
    expect(doubts({ evidence: await kind.attestHeld(node(), 0) })).toEqual([])
    expect(doubts(await healed(kind))).toEqual([])
  }, 20_000)

  test('is not held where somebody laid another queue in its place, though that one is as slow', async () => {
    const kind = bandwidth(deployment.network, { kbitPerSecond: KBIT })
    await injected(kind)
    const again =
      'tc qdisc delete dev eth0 root && . /usr/local/lib/firedrill/link-lift.sh && . /usr/local/lib/firedrill/queue.sh && lay_queue 1000 5000 62500'
    expect((await execute((await helper()).id, ['bash', '-c', again])).exitCode).toBe(0)
    expect(doubts({ evidence: await kind.attestHeld(node(), 0) }).join()).toMatch(/nobody holds a queue there/)
    expect(doubts(await healed(kind)).join()).toMatch(/nobody knows how long the rule held/)
    expect(await deployment.leftOn([node()])).toEqual([])
  })

  test('cannot be had beside another rule, and that one stays', async () => {
    const other = networkOver({ ...deployment.network, image: 'firedrill/fault-helper:local' })
    await other.network.impose(container.id, { name: 'loss', parameters: { permille: 1 } })
    const kind = bandwidth(deployment.network, { kbitPerSecond: KBIT })
    await expect(kind.inject(node())).rejects.toThrow(/bandwidth was refused: .*File exists/)
    expect((await other.network.count(container.id))?.passed).toBe(0)
    await other.network.lift(container.id)
  })
})

describe('healing, whatever dies', () => {
  test('the helper is killed: the limit lapses by the kernel’s own lease, and the heal says that nobody knows', async () => {
    const kind = bandwidth(deployment.network, { kbitPerSecond: KBIT })
    await injected(kind)
    await (await helper()).kill({ signal: 'SIGKILL' })
    expect(await drawMs()).toBeGreaterThan(200)
    const until = deployment.clock.now() + 5500
    while ((await drawMs()) > 150) expect(deployment.clock.now()).toBeLessThan(until)
    expect(await deployment.network.network.look(container.id)).toBe(true)
    expect(doubts(await healed(kind)).join()).toMatch(/nobody knows how long the rule held: .*ERR_HELPER_GONE/)
    expect(await deployment.leftOn([node()])).toEqual([])
  }, 20_000)

  test('nobody is left but the note on disk: its step clears what a killed helper left, and again does nothing', async () => {
    const kind = bandwidth(deployment.network, { kbitPerSecond: KBIT })
    await injected(kind)
    await (await helper()).kill({ signal: 'SIGKILL' })
    expect(await undo([...kind.undo(node()), ...kind.undo(node())])).toEqual([])
    expect(await drawMs()).toBeLessThan(150)
    expect(await deployment.leftOn([node()])).toEqual([])
  })
})
