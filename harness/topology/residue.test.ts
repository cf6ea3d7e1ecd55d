import { beforeEach, expect, test, vi } from 'vitest'
import { remove } from './residue.ts'

const network = vi.hoisted(() => ({ refusals: 0, tries: 0, holds: {} as Readonly<Record<string, object>> }))

vi.mock('./docker.ts', () => ({
  isGone: () => false,
  docker: () => ({
    listContainers: async () => [],
    listVolumes: async () => ({ Volumes: [] }),
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

beforeEach(() => Object.assign(network, { refusals: 0, tries: 0, holds: {} }))

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

test('one that somebody is on is the engine’s own word', async () => {
  Object.assign(network, { refusals: Infinity, holds: { stranger: {} } })
  await expect(remove('fd-1', 300)).rejects.toThrow('has active endpoints')
})
