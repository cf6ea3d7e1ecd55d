// What a warden knows of a fault is its note: each step of it, on a real container, and again.
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { docker } from '../topology/docker.ts'
import { networkOver } from './network/docker.ts'
import { ISOLATE } from './network/in-memory.fixture.ts'
import { startPeers } from './network/peers.fixture.ts'
import { undo } from './undoing.ts'

let peers: Awaited<ReturnType<typeof startPeers>>

beforeAll(async () => {
  peers = await startPeers('10.213.89')
  await peers.reached(10_000)
})
afterAll(() => peers?.end())

/** A container of ours whose stop signal is SIGQUIT, and which takes `drainMs` to end by it. */
const startDraining = async (drainMs: number) => {
  const program = `process.on('SIGHUP', () => {}); process.on('SIGQUIT', () => setTimeout(() => process.exit(0), ${drainMs})); setInterval(() => {}, 1000); console.log('ready')`
  const image = (await peers.target.inspect()).Image
  const container = await docker().createContainer({
    Image: image,
    Cmd: ['-e', program],
    StopSignal: 'SIGQUIT',
    Labels: { 'firedrill.run': peers.run },
  })
  await container.start()
  const log = await container.logs({ follow: true, stdout: true })
  await once(log, 'data')
  return container
}

const state = async () => (await peers.target.inspect()).State

test('a packet rule is lifted, though whoever laid it still holds it', async () => {
  const { network } = networkOver(peers)
  await network.impose(peers.target.id, ISOLATE)
  expect(await peers.connect(300)).toBe('timed-out')
  const step = { act: 'lift', container: peers.target.id, run: peers.run } as const
  expect([await undo([step]), await undo([step])]).toEqual([[], []])
  expect(await peers.connect(1000)).toBe('connected')
  await network.lift(peers.target.id)
})

test('what is paused goes on, and what ended is started, last step first', async () => {
  const { id } = peers.target
  await peers.target.pause()
  expect(await undo([{ act: 'unpause', container: id }])).toEqual([])
  expect((await state()).Paused).toBe(false)
  await peers.target.kill()
  const steps = [
    { act: 'unpause', container: id },
    { act: 'start', container: id },
  ] as const
  expect([await undo(steps), await undo(steps)]).toEqual([[], []])
  expect((await state()).Running).toBe(true)
})

test('what drains still when its stop was asked for is started once it has ended, and what got another signal goes on', async () => {
  const drains = await startDraining(1500)
  try {
    const before = (await drains.inspect()).State.StartedAt
    await drains.kill({ signal: 'SIGHUP' })
    expect(await undo([{ act: 'start', container: drains.id }])).toEqual([])
    expect((await drains.inspect()).State.StartedAt).toBe(before)
    await drains.kill({ signal: 'SIGQUIT' })
    expect(await undo([{ act: 'start', container: drains.id }])).toEqual([])
    const { Running, StartedAt } = (await drains.inspect()).State
    expect({ Running, isAnother: StartedAt !== before }).toEqual({ Running: true, isAnother: true })
  } finally {
    await drains.remove({ force: true })
  }
})

test('limits are what they were, and a file of ours is gone', async () => {
  const { id } = peers.target
  await peers.target.update({ CpuPeriod: 100_000, CpuQuota: 20_000 })
  expect(await undo([{ act: 'limits', container: id, limits: { CpuPeriod: 100_000, CpuQuota: -1 } }])).toEqual([])
  expect((await peers.target.inspect()).HostConfig.CpuQuota).toBe(-1)
  const path = '/tmp/.firedrill-full'
  const steps = [{ act: 'delete', container: id, path }] as const
  expect([await undo(steps), await undo(steps)]).toEqual([[], []])
})

test('a container that is gone needs nothing, and one that is not ours is never touched', async () => {
  expect(await undo([{ act: 'start', container: 'nobody' }])).toEqual([])
  const image = (await peers.target.inspect()).Image
  const stranger = await docker().createContainer({ Image: image })
  try {
    expect(await undo([{ act: 'start', container: stranger.id }])).toEqual([])
    expect((await stranger.inspect()).State.Running).toBe(false)
  } finally {
    await stranger.remove({ force: true })
  }
})

test('what would not be undone is told, and keeps nobody else from it', async () => {
  const { id } = peers.target
  await peers.target.kill()
  const failed = await undo([
    { act: 'start', container: id },
    { act: 'limits', container: id, limits: { CpuQuota: 1 } },
  ])
  expect(failed).toEqual([expect.stringMatching(/^limits: /)])
  expect((await state()).Running).toBe(true)
})

test('a step that takes too long is told, and the next one is done', async () => {
  const { id } = peers.target
  await peers.target.kill()
  const steps = [
    { act: 'start', container: id },
    { act: 'lift', container: id, run: peers.run },
  ] as const
  expect(await undo(steps, 1)).toEqual(['lift: not done within 0.001 s', 'start: not done within 0.001 s'])
  expect(await undo(steps)).toEqual([])
  expect((await state()).Running).toBe(true)
})
