import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { attach } from './attach.ts'
import { type SmallContainer, startSmallEngine } from './small-engine.fixture.ts'

const FIXED = { IPAddress: '10.0.0.2', IPAMConfig: { IPv4Address: '10.0.0.2' } }

/** A gateway that stands on these networks. */
const gateway = (
  name: string,
  Networks: SmallContainer['NetworkSettings']['Networks'] = { 'fd-1_default': FIXED },
): SmallContainer & { readonly Image: string } => ({
  Id: name,
  Name: `/fd-1_${name}_1`,
  Image: 'sha256:7',
  Config: {
    Image: 'here/gateway:latest',
    Labels: { 'firedrill.run': 'fd-1', 'firedrill.node': name, 'firedrill.role': 'data-plane' },
  },
  NetworkSettings: { Networks },
  HostConfig: { PortBindings: {} },
})

const containers: SmallContainer[] = []
let engine: Awaited<ReturnType<typeof startSmallEngine>>
beforeAll(async () => {
  engine = await startSmallEngine(containers)
})
afterEach(() => {
  containers.length = 0
})
afterAll(() => engine.end())

const attached = (...all: readonly SmallContainer[]) => {
  containers.push(...all)
  return attach({ run: 'fd-1', stack: 'etcd', subnet: '10.0.0' })
}

test('a container is attached with the image that it was made of, by name and by id', async () => {
  const { nodes } = await attached(gateway('data-plane-1'))
  expect(nodes[0]?.containers[0]).toMatchObject({ image: 'here/gateway:latest', imageId: 'sha256:7' })
})

test('one that is stopped has no address, and is attached at the one that it was given', async () => {
  const { nodes } = await attached(gateway('data-plane-1', { 'fd-1_default': { ...FIXED, IPAddress: '' } }))
  expect(nodes[0]?.containers[0]?.address).toBe('10.0.0.2')
})

test.each<[what: string, networks: SmallContainer['NetworkSettings']['Networks']]>([
  ['whose address the engine chose', { 'fd-1_default': { IPAddress: '10.0.0.3', IPAMConfig: null } }],
  ["in another one's network", {}],
])('one %s is refused by its name, and the Compose file is told what to say', async (_, networks) => {
  await expect(attached(gateway('data-plane-1'), gateway('data-plane-2', networks))).rejects.toMatchObject({
    name: 'EnvironmentError',
    code: 'ERR_ADDRESSES',
    message: expect.stringMatching(/: fd-1_data-plane-2_1\. .*ipv4_address/),
  })
})

test.each<[how: string, more: object]>([
  ['by the network', { GlobalIPv6Address: 'fd00::2' }],
  ['by the Compose file, and is stopped', { IPAMConfig: { IPv4Address: '10.0.0.2', IPv6Address: 'fd00::2' } }],
])('one that was given an IPv6 address %s is refused: no partition would spare it', async (_, more) => {
  const both = gateway('data-plane-2', { 'fd-1_default': { ...FIXED, GlobalIPv6Address: '', ...more } })
  await expect(attached(gateway('data-plane-1'), both)).rejects.toMatchObject({
    name: 'EnvironmentError',
    code: 'ERR_IPV6',
    message: expect.stringMatching(/: fd-1_data-plane-2_1\. .*enable_ipv6: false/),
  })
})
