import { afterAll, beforeAll, expect, test } from 'vitest'
import { attach } from './attach.ts'
import { type SmallContainer, startSmallEngine } from './small-engine.fixture.ts'

const container: SmallContainer & { readonly Image: string } = {
  Id: 'c1',
  Name: '/fd-1_data-plane-1_1',
  Image: 'sha256:7',
  Config: {
    Image: 'here/gateway:latest',
    Labels: { 'firedrill.run': 'fd-1', 'firedrill.node': 'data-plane-1', 'firedrill.role': 'data-plane' },
  },
  NetworkSettings: { Networks: { 'fd-1_default': { IPAddress: '10.0.0.2' } } },
  HostConfig: { PortBindings: {} },
}

let engine: Awaited<ReturnType<typeof startSmallEngine>>
beforeAll(async () => {
  engine = await startSmallEngine([container])
})
afterAll(() => engine.end())

test('a container is attached with the image that it was made of, by name and by id', async () => {
  const { nodes } = await attach({ run: 'fd-1', stack: 'etcd', subnet: '10.0.0' })
  expect(nodes[0]?.containers[0]).toMatchObject({ image: 'here/gateway:latest', imageId: 'sha256:7' })
})
