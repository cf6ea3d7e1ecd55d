// An engine on another machine is refused before anything is done there, unless its ports are forwarded to here.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, expect, test, vi } from 'vitest'
import { isOnAnotherMachine, refuseUnforwarded } from './far-engine.ts'
import { freePort } from './free-port.fixture.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const [own = '127.0.0.1'] = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))

test.each([
  'unix:///var/run/docker.sock',
  'unix:///run/user/1000/docker.sock',
  'unix:///run/user/1000/podman/podman.sock',
  'unix:///Users/jane/.docker/run/docker.sock',
  'npipe:////./pipe/docker_engine',
  'tcp://127.0.0.1:2375',
  'tcp://127.1.2.3:2375',
  'tcp://[::1]:2375',
  'tcp://localhost:2375',
  'http://0.0.0.0:2375',
  'ssh://core@localhost:50123/run/podman/podman.sock',
  `tcp://${own.includes(':') ? `[${own.split('%')[0]}]` : own}:2375`,
])('%s is this machine’s', async (host) => {
  expect(await isOnAnotherMachine({ host })).toBe(false)
})

test.each(['tcp://192.0.2.1:2375', 'https://192.0.2.1:2376', 'ssh://jane@192.0.2.1', 'ssh://build-host.invalid'])(
  '%s is another machine’s',
  async (host) => {
    expect(await isOnAnotherMachine({ host })).toBe(true)
  },
)

/** A port of 127.0.0.1 that somebody listens on, and one that nobody does. */
const ports = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { held: (server.address() as AddressInfo).port, free: await freePort(), end: () => server.close() }
}

test('ports of another machine that are not forwarded are told, with what would forward them, and nothing secret', async () => {
  const { held, free, end } = await ports()
  vi.stubEnv('DOCKER_HOST', 'tcp://jane:secret@192.0.2.1:2375')
  const refused: Error = await refuseUnforwarded([held, free]).then(
    () => new Error('not refused'),
    (error) => error,
  )
  end()
  expect(refused).toMatchObject({ name: 'EnvironmentError', code: 'ERR_ENGINE_FAR' })
  expect(refused.message).toContain('at tcp://192.0.2.1:2375, named by DOCKER_HOST, is on another machine')
  expect(refused.message).toContain(`\`ssh -N -L ${free}:127.0.0.1:${free} 192.0.2.1\``)
})

test('ports of another machine that all are forwarded are taken, and so are this machine’s, whoever listens', async () => {
  const { held, free, end } = await ports()
  vi.stubEnv('DOCKER_HOST', 'ssh://192.0.2.1')
  const forwarded = await refuseUnforwarded([held])
  vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:2375')
  const here = await refuseUnforwarded([held, free])
  end()
  expect({ forwarded, here }).toEqual({ forwarded: true, here: false })
})
