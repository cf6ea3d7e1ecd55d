import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { docker } from '../../topology/docker.ts'
import type { Node } from '../../topology/topology.ts'
import { certificate } from '../certificate.ts'
import { dockerRuntime } from '../docker.ts'
import { putBack } from '../kept-files.ts'
import { rehearse } from '../rehearsal.fixture.ts'
import { noOp, reversedEarly, wrongTarget } from '../sabotage.ts'
import { undo } from '../undoing.ts'
import { startBehindDoor } from './door.fixture.ts'
import { FILES } from './shown.ts'

let behind: Awaited<ReturnType<typeof startBehindDoor>>

beforeAll(async () => {
  behind = await startBehindDoor()
}, 90_000)
afterAll(() => behind?.end())

const idOf = ({ containers: [container] }: Node): string => container?.id ?? ''
const files = async (node: Node): Promise<string> =>
  (await dockerRuntime.execute(idOf(node), ['sh', '-c', 'ls /tmp; cat /tmp/api7ee.crt'])).output

// A test that failed leaves the next one gateways that are ready.
afterEach(async () => {
  for (const node of [behind.target, behind.other]) {
    await dockerRuntime.execute(idOf(node), putBack([FILES.certificate, FILES.key]))
    await expect.poll(() => behind.statusOf(node), { timeout: 10_000 }).toBe(200)
  }
})

describe.each(['expired', 'foreign'] as const)('a certificate that is %s', (state) => {
  test('is refused by DP Manager, held, taken back, and leaves nothing; the gateway serves on meanwhile', {
    timeout: 60_000,
  }, async () => {
    const { stage, world, target, other } = behind
    const before = await files(target)
    const { doubts, events, fault } = await rehearse(stage, {
      kind: certificate(world, { state }),
      target,
      during: async () => {
        expect([await behind.statusOf(target), await behind.statusOf(other)]).toEqual([503, 200])
        expect(await behind.callOf(target)).toBe(502)
      },
    })
    expect(doubts).toEqual([])
    const stages = events.flatMap((event) => (event.kind === 'fault' ? [event] : []))
    expect(stages.map((event) => event.stage)).toEqual(['intent', 'injected', 'in-effect', 'heal', 'healed', 'clear'])
    const inEffect = stages.find((event) => event.stage === 'in-effect')?.evidence ?? []
    expect(inEffect.map(({ source }) => source)).toEqual([
      'probe from inside',
      'certificate file',
      'handshake from inside',
    ])
    expect(inEffect.at(-1)?.said).toMatch(/refuses \(.+\) what it shows, and takes what it had/)
    expect(fault?.asked).toEqual({ state })
    expect(JSON.stringify(events)).not.toContain('PRIVATE KEY')
    expect(await files(target)).toBe(before)
  })

  test.each([
    ['that nobody exchanged', noOp],
    ['that another node was given', wrongTarget],
    ['that is taken back early', reversedEarly],
  ] as const)('%s is called out', { timeout: 60_000 }, async (_, sabotage) => {
    const { stage, world, target, other } = behind
    const kind = sabotage(certificate(world, { state }), other)
    expect((await rehearse(stage, { kind, target })).doubts).not.toEqual([])
  })
})

test('whoever finds it later puts it back by the note alone, and again does nothing', { timeout: 60_000 }, async () => {
  const { world, target } = behind
  const before = await files(target)
  const kind = certificate(world, { state: 'foreign' })
  await kind.check?.(target)
  await kind.inject(target)
  await expect.poll(() => behind.statusOf(target), { timeout: 5000 }).toBe(503)
  expect([await undo(kind.undo(target)), await undo(kind.undo(target))]).toEqual([[], []])
  await expect.poll(() => behind.statusOf(target), { timeout: 10_000 }).toBe(200)
  expect(await files(target)).toBe(before)
})

test('a node that shows none is refused, with what to do', async () => {
  const { world, door } = behind
  const plain: Node = { name: 'door', role: 'data-plane', zone: 'a', containers: [door] }
  const kind = certificate(world, { state: 'expired' })
  await expect(kind.check?.(plain)).rejects.toThrow(/shows DP Manager none.*--stack multi-zone.*ERR_CERTIFICATE/)
})

test('an open connection to a port elsewhere is ended, and no other', async () => {
  const { world, target } = behind
  expect(await world.network.sever(idOf(target), 1)).toBe(0)
  expect(await world.network.sever(idOf(target), 7943)).toBeGreaterThan(0)
  const label = [`firedrill.run=${behind.run}`, 'firedrill.part=helper']
  await expect.poll(async () => (await docker().listContainers({ all: true, filters: { label } })).length).toBe(0)
})
