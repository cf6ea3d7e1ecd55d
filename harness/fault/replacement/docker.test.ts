// Whatever instant a harness dies at while it replaces a container: its note makes the container itself again.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { attach } from '../../topology/attach.ts'
import { docker } from '../../topology/docker.ts'
import { replacementAddress } from '../../topology/replacement.ts'
import { type Container, nodeNamed } from '../../topology/topology.ts'
import { startTargets } from '../targets.fixture.ts'
import { undo } from '../undoing.ts'
import { dockerReplacements } from './docker.ts'
import type { Original } from './original.ts'
import { remade } from './remade.ts'

let targets: Awaited<ReturnType<typeof startTargets<'restarted' | 'other'>>>

beforeAll(async () => {
  targets = await startTargets({ restarted: { RestartPolicy: { Name: 'always' } }, other: {} })
})
afterAll(() => targets?.end())

const restarted = (): Container => {
  const [container] = targets.nodes.restarted.containers
  if (!container) throw new RangeError('It was not started.')
  return container
}

const lookAt = async (id: string) => {
  const { Name, State, HostConfig, NetworkSettings } = await docker().getContainer(id).inspect()
  const addresses = Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress)
  return { Name, isRunning: State.Running, restart: HostConfig.RestartPolicy?.Name, addresses }
}

/** A program that has not come so far takes no signal. */
const listening = async ({ address }: Pick<Container, 'address'>): Promise<void> =>
  vi.waitFor(async () => expect((await targets.world.probe(address, 8080, 250)).outcome).toBe('connected'), {
    timeout: 10_000,
    interval: 20,
  })

const keepDown = async (original: Original): Promise<void> => {
  await listening(original)
  await dockerReplacements.keepDown(original)
  await docker().getContainer(original.id).stop()
}
const renamed = async (original: Original): Promise<void> => {
  await keepDown(original)
  await docker()
    .getContainer(original.id)
    .rename({ name: `${original.name}.replaced` })
}
const created = async (original: Original): Promise<void> => {
  await renamed(original)
  await docker().createContainer(original.create)
}
const put = async (original: Original): Promise<void> => {
  await keepDown(original)
  await dockerReplacements.put(original)
}

test.each([
  ['before anything was done', async () => {}],
  ['when it was stopped', keepDown],
  ['when it was renamed', renamed],
  ['when its replacement was made', created],
  ['when its replacement ran', put],
])(
  'undone %s, and again, it runs under its name, at its address, with its policy, and nobody else does',
  async (_, done) => {
    const { id } = restarted()
    const was = await lookAt(id)
    const original = await dockerReplacements.look(id)
    const { name, restart } = original
    await done(original)
    const steps = [
      { act: 'start', container: id },
      { act: 'reinstate', container: id, name, restart },
    ] as const
    expect([await undo(steps), await undo(steps)]).toEqual([[], []])
    expect({ now: await lookAt(id), replacement: await dockerReplacements.find(id) }).toEqual({
      now: was,
      replacement: null,
    })
  },
)

test('while it is replaced it stays down, its replacement is on that network alone, and the node is counted once', async () => {
  const { id, address } = restarted()
  const { world } = targets
  const original = await dockerReplacements.look(id)
  await put(original)
  try {
    expect(await lookAt(id)).toMatchObject({ isRunning: false, restart: 'no' })
    const replacement = await dockerReplacements.find(id)
    expect(replacement).toMatchObject({
      isRunning: true,
      addresses: { [original.network]: replacementAddress(address) },
    })
    expect(await lookAt(replacement?.id ?? '')).toMatchObject({ Name: `/${original.name}`, restart: 'always' })
    const topology = await attach({ run: original.network, stack: 'targets', subnet: '10.213.87' })
    const counted = nodeNamed(topology, 'restarted').containers
    expect(counted.map((each) => [each.id, each.address])).toEqual([[id, address]])
    expect((await world.runtime.state(id)).running).toBe(false)
  } finally {
    await dockerReplacements.reinstate({ container: id, name: original.name, restart: original.restart })
    await world.runtime.start(id)
  }
})

test('one that is told otherwise runs at the very address, of the same image, and leaves the original as it was', async () => {
  const { id, address } = restarted()
  const was = await lookAt(id)
  const replacements = remade({ environment: { TOLD: 'otherwise' } })
  const original = await replacements.look(id)
  await keepDown(original)
  await replacements.put(original)
  try {
    expect(await replacements.find(id)).toMatchObject({
      isRunning: true,
      addresses: { [original.network]: address },
      image: (await docker().getContainer(id).inspect()).Image,
      environment: { TOLD: 'otherwise' },
    })
    await listening(original)
  } finally {
    await replacements.reinstate({ container: id, name: original.name, restart: original.restart })
    await targets.world.runtime.start(id)
  }
  expect(await lookAt(id)).toEqual(was)
})

test('one that the engine cannot start stands there and says why, and leaves nothing once the original is itself again', async () => {
  const { id } = restarted()
  const was = await lookAt(id)
  const replacements = remade({ environment: { TOLD: 'otherwise' } })
  const original = await replacements.look(id)
  await keepDown(original)
  const unfit = { ...original, create: { ...original.create, Entrypoint: ['/nowhere/gateway'] } }
  try {
    await expect(replacements.put(unfit)).rejects.toMatchObject({ code: 'ERR_UNFIT' })
    expect(await replacements.find(id)).toMatchObject({
      isRunning: false,
      unstarted: expect.stringContaining('/nowhere/gateway'),
      environment: { TOLD: 'otherwise' },
    })
  } finally {
    await replacements.reinstate({ container: id, name: original.name, restart: original.restart })
    await targets.world.runtime.start(id)
  }
  expect({ now: await lookAt(id), replacement: await replacements.find(id) }).toEqual({ now: was, replacement: null })
})

test('an address that is somebody else’s is not taken', async () => {
  const [other] = targets.nodes.other.containers
  const image = (await docker().getContainer(restarted().id).inspect()).Image
  const network = (await dockerReplacements.look(restarted().id)).network
  const squatter = await docker().createContainer({
    Image: image,
    Labels: { 'firedrill.run': network },
    HostConfig: { NetworkMode: network },
    NetworkingConfig: {
      EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: replacementAddress(other?.address ?? '') } } },
    },
  })
  try {
    await expect(dockerReplacements.look(other?.id ?? '')).rejects.toThrow(
      /its replacement would stand at 10\.213\.87\.\d+/,
    )
  } finally {
    await squatter.remove({ force: true })
  }
})
