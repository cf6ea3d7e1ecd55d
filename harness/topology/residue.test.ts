import { beforeEach, expect, test, vi } from 'vitest'
import { remove } from './residue.ts'

const network = vi.hoisted(() => ({ refusals: 0, tries: 0, holds: {} as Readonly<Record<string, { Name: string }>> }))
const volumes = vi.hoisted(() => new Set<string>())

vi.mock('./docker.ts', () => ({
  isGone: () => false,
  docker: () => ({
    listContainers: async () => [],
    listVolumes: async () => ({
      Volumes: [...volumes].map((Name) => ({ Name, Labels: { 'firedrill.run': 'fd-1' } })),
    }),
    getVolume: (name: string) => ({ remove: async () => volumes.delete(name) }),
    listNetworks: async () => [{ Id: 'n1', Labels: { 'firedrill.run': 'fd-1' } }],
    getNetwork: () => ({
      remove: async () => {
        network.tries += 1
        if (network.tries <= network.refusals)
          throw Object.assign(new Error('has active endpoints'), { statusCode: 403 })
      },
      inspect: async () => ({ Name: 'fd-1_deployment', Containers: network.holds }),
    }),
  }),
}))

beforeEach(() => {
  Object.assign(network, { refusals: 0, tries: 0, holds: {} })
  volumes.clear()
})

test('a network that the engine is not done with yet is removed once it is', async () => {
  network.refusals = 2
  await remove('fd-1', 5000)
  expect(network.tries).toBe(3)
})

test('one that it holds for in use though nobody is on it is told, and what to do', async () => {
  network.refusals = Infinity
  await expect(remove('fd-1', 300)).rejects.toMatchObject({
    code: 'ERR_ENGINE_STUCK',
    message: expect.stringMatching(/network fd-1_deployment for in use, and nobody is on it: restart the engine/),
  })
})

test('one that somebody is on is told with their name, and what to do', async () => {
  Object.assign(network, { refusals: Infinity, holds: { c9: { Name: 'portainer' } } })
  await expect(remove('fd-1', 300)).rejects.toMatchObject({
    name: 'EnvironmentError',
    code: 'ERR_NETWORK_OCCUPIED',
    message: expect.stringMatching(
      /^Network fd-1_deployment stays .*: portainer\. .*`docker network disconnect --force fd-1_deployment portainer`/,
    ),
  })
})

test.each([
  ['it holds for in use', {}],
  ['somebody is on', { c9: { Name: 'portainer' } }],
])('beside a network that %s nothing of the run stays but whose it is', async (_, holds) => {
  Object.assign(network, { refusals: Infinity, holds })
  for (const name of ['fd-1_data', 'fd-1_owner_7_1']) volumes.add(name)
  await expect(remove('fd-1', 0)).rejects.toMatchObject({ name: 'EnvironmentError' })
  expect([...volumes]).toEqual(['fd-1_owner_7_1'])
  network.refusals = 0
  await remove('fd-1', 0)
  expect([...volumes]).toEqual([])
})
