import type { ContainerInspectInfo } from 'dockerode'
import { describe, expect, test } from 'vitest'
import { againFrom, originalFrom } from './original.ts'

const ID = 'abcdef0123456789'
const ENDPOINT = {
  Aliases: ['data-plane-1', ID.slice(0, 12)],
  IPAMConfig: { IPv4Address: '10.99.0.41' },
  IPAddress: '10.99.0.41',
}

const inspected = (more: { host?: object; networks?: object; hostname?: string } = {}): ContainerInspectInfo =>
  ({
    Id: ID,
    Name: '/run_data-plane-1_1',
    Image: 'sha256:1',
    Config: {
      Hostname: more.hostname ?? ID.slice(0, 12),
      Image: 'gateway:local',
      Env: ['NODE_NAME=data-plane-1'],
      Labels: { 'firedrill.run': 'run', 'firedrill.node': 'data-plane-1' },
    },
    HostConfig: {
      NetworkMode: 'run_deployment',
      CpuShares: 2048,
      CgroupParent: '/',
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
      ...more.host,
    },
    NetworkSettings: { Networks: more.networks ?? { run_deployment: ENDPOINT } },
  }) as unknown as ContainerInspectInfo

describe('a replacement', () => {
  test('is of the same image by its id, with the same environment, limits and policy, under the same names', () => {
    expect(originalFrom(inspected()).create).toEqual({
      name: 'run_data-plane-1_1',
      Image: 'sha256:1',
      Env: ['NODE_NAME=data-plane-1'],
      Labels: { 'firedrill.run': 'run', 'firedrill.node': 'data-plane-1', 'firedrill.replaces': ID },
      HostConfig: {
        NetworkMode: 'run_deployment',
        CpuShares: 2048,
        CgroupParent: '/',
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
      },
      NetworkingConfig: {
        EndpointsConfig: {
          run_deployment: { Aliases: ['data-plane-1'], IPAMConfig: { IPv4Address: '10.99.0.214' } },
        },
      },
    })
  })

  test('has a host name that somebody chose, and not one that was an id', () => {
    expect(originalFrom(inspected({ hostname: 'gateway-1' })).create).toMatchObject({ Hostname: 'gateway-1' })
    expect(originalFrom(inspected()).create).not.toHaveProperty('Hostname')
  })
})

test('an original is found under its own name and that of its service, and keeps its policy', () => {
  const { names, restart, address, network } = originalFrom(inspected())
  expect({ names, restart, address, network }).toEqual({
    names: ['run_data-plane-1_1', 'data-plane-1'],
    restart: { Name: 'on-failure', MaximumRetryCount: 3 },
    address: '10.99.0.41',
    network: 'run_deployment',
  })
})

test('a short name that the id begins with by chance is kept, and a host name too', () => {
  const networks = { run_deployment: { ...ENDPOINT, Aliases: ['ab', ...ENDPOINT.Aliases] } }
  const { names, create } = originalFrom(inspected({ networks, hostname: 'abc' }))
  expect(names).toEqual(['run_data-plane-1_1', 'ab', 'data-plane-1'])
  expect(create).toMatchObject({ Hostname: 'abc' })
})

test.each<[what: string, more: Parameters<typeof inspected>[0], why: RegExp]>([
  ['on two networks', { networks: { run_deployment: ENDPOINT, bridge: ENDPOINT } }, /stands on 2 networks/],
  ['on none', { networks: {} }, /stands on 0 networks/],
  ['without an address of its own', { networks: { run_deployment: { IPAddress: '10.99.0.130' } } }, /ipv4_address/],
  ['that goes when it stops', { host: { AutoRemove: true } }, /--rm/],
])('a container %s is not replaced, and the reason is said', (_, more, why) => {
  expect(() => originalFrom(inspected(more))).toThrow(why)
})

describe('a container that is made anew', () => {
  test('is what it was and where it was, and replaces nobody', () => {
    expect(againFrom(inspected())).toMatchObject({
      name: 'run_data-plane-1_1',
      Image: 'sha256:1',
      Labels: { 'firedrill.run': 'run', 'firedrill.node': 'data-plane-1' },
      NetworkingConfig: {
        EndpointsConfig: { run_deployment: { Aliases: ['data-plane-1'], IPAMConfig: { IPv4Address: '10.99.0.41' } } },
      },
    })
    expect(againFrom(inspected()).Labels).not.toHaveProperty('firedrill.replaces')
  })

  test('takes over the volumes that the engine had made for it, beside those that have a name', () => {
    const Mounts = [
      { Type: 'volume', Name: '0a1b', Destination: '/var/lib/made' },
      { Type: 'volume', Name: 'named', Destination: '/data' },
      { Type: 'bind', Source: '/etc/hosts', Destination: '/etc/hosts' },
    ]
    const container = {
      ...inspected({ host: { Binds: ['named:/data:rw'] } }),
      Mounts,
    } as unknown as ContainerInspectInfo
    expect(againFrom(container).HostConfig?.Binds).toEqual(['named:/data:rw', '0a1b:/var/lib/made'])
  })

  test('takes over a volume that Compose asked for without a name, as it was asked for', () => {
    const asked = { Type: 'volume', Target: '/var/lib/state', ReadOnly: true }
    const others = [
      { Type: 'volume', Source: 'named', Target: '/data' },
      { Type: 'tmpfs', Target: '/run' },
    ]
    const Mounts = [
      { Type: 'volume', Name: '0a1b', Destination: '/var/lib/state' },
      { Type: 'volume', Name: 'named', Destination: '/data' },
      { Type: 'tmpfs', Destination: '/run' },
    ]
    const container = {
      ...inspected({ host: { Mounts: [asked, ...others] } }),
      Mounts,
    } as unknown as ContainerInspectInfo
    expect(againFrom(container).HostConfig).toMatchObject({
      Binds: [],
      Mounts: [{ ...asked, Source: '0a1b' }, ...others],
    })
  })
})
