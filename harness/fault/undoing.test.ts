// What a warden knows of a fault is its note: each step of it, on a real container, and again.
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { docker } from '../topology/docker.ts'
import { lookAt, setServer } from '../topology/haproxy.ts'
import { startBalancer } from './balancer.fixture.ts'
import { execute } from './execute.ts'
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

/** A container of ours that answers as a balancer does, through a port that it publishes, and holds one node: drained, to begin with. */
const startBalancing = async (answers = true) => {
  const program = `let state = 'DRAIN'
    const answer = (asked) => {
      if (asked.startsWith('set')) { state = 'UP'; return '\\n' }
      return '# pxname,svname,status,check_status,check_code\\ngateway,data-plane-1,' + state + ',L7OK,200\\n'
    }
    process.getBuiltinModule('node:net').createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {})
      ${answers ? "socket.on('data', (asked) => socket.end(answer(asked.toString())))" : ''}
    }).listen(9000, () => console.log('ready'))`
  const container = await docker().createContainer({
    Image: (await peers.target.inspect()).Image,
    Cmd: ['-e', program],
    Labels: { 'firedrill.run': peers.run },
    ExposedPorts: { '9000/tcp': {} },
    HostConfig: { PortBindings: { '9000/tcp': [{ HostIp: '127.0.0.1' }] } },
  })
  await container.start()
  await once(await container.logs({ follow: true, stdout: true }), 'data')
  const [chosen] = (await container.inspect()).NetworkSettings.Ports['9000/tcp'] ?? []
  return { container, port: Number(chosen?.HostPort) }
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
  await execute(id, ['touch', path])
  expect([await undo(steps), await undo(steps)]).toEqual([[], []])
  expect((await execute(id, ['test', '-e', path])).exitCode).toBe(1)
})

test('what would not be deleted or put back is told, also of one that is paused; of one that does not run it needs nothing', async () => {
  const { id } = peers.target
  const deleted = { act: 'delete', container: id, path: '/tmp/.firedrill-full' } as const
  const putBack = { act: 'put-back', container: id, paths: ['/tmp/file'] } as const
  // A directory takes no file's place.
  await execute(id, ['sh', '-c', 'mkdir -p /tmp/file.firedrill-kept /tmp/.firedrill-full; touch /tmp/file'])
  expect(await undo([putBack, deleted])).toEqual([
    expect.stringMatching(/^delete: rm ended with 1: .*directory/),
    expect.stringMatching(/^put-back: sh ended with 1: .*directory/),
  ])
  await execute(id, ['rmdir', '/tmp/file.firedrill-kept', '/tmp/.firedrill-full'])
  expect(await undo([putBack, deleted])).toEqual([])
  await peers.target.pause()
  const whilePaused = await undo([putBack, deleted])
  await peers.target.unpause()
  expect(whilePaused).toEqual([
    expect.stringMatching(/^delete: .*paused/),
    expect.stringMatching(/^put-back: .*paused/),
  ])
  await peers.target.kill()
  expect(await undo([putBack, deleted])).toEqual([])
  expect(await undo([{ act: 'start', container: id }])).toEqual([])
})

test('a balancer trusts a node again, where it is the one that drained it and runs; nobody else at its port is told anything', async () => {
  const { container, port } = await startBalancing()
  const states = async () => (await lookAt({ name: 'ours', port })).map(({ state }) => state)
  const stranger = await startBalancer('stranger', ['data-plane-1'])
  await setServer(stranger, { backend: 'stranger', node: 'data-plane-1' }, 'drain')
  try {
    const step = { act: 'trust', container: container.id, port, node: 'data-plane-1' } as const
    expect(await undo([{ ...step, container: peers.target.id }])).toEqual([])
    expect(await states()).toEqual(['draining'])
    expect([await undo([step]), await undo([step])]).toEqual([[], []])
    expect(await states()).toEqual(['in'])
    const { container: _, ...ofAnOlderLog } = step
    const strays = [
      { ...step, port: stranger.port },
      { ...ofAnOlderLog, port: stranger.port },
    ] as const
    expect(await undo(strays)).toEqual([])
    expect(stranger.states.get('data-plane-1')).toBe('DRAIN')
    await container.kill()
    expect(await undo([step, ofAnOlderLog])).toEqual([])
  } finally {
    stranger.stop()
    await container.remove({ force: true })
  }
})

test('an older log names no container: whichever of ours publishes the port is told', async () => {
  const { container, port } = await startBalancing()
  try {
    expect(await undo([{ act: 'trust', port, node: 'data-plane-1' }])).toEqual([])
    expect((await lookAt({ name: 'ours', port })).map(({ state }) => state)).toEqual(['in'])
  } finally {
    await container.remove({ force: true })
  }
})

test('a balancer that runs and is mute has not been undone, and that is told', async () => {
  const { container, port } = await startBalancing(false)
  try {
    const step = { act: 'trust', container: container.id, port, node: 'data-plane-1' } as const
    expect(await undo([step])).toEqual([expect.stringMatching(/^trust: .*no word within 5000 ms/)])
  } finally {
    await container.remove({ force: true })
  }
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
