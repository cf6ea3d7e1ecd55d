import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode'
import { describe, expect, test } from 'vitest'
import { remadeFrom } from './remade.ts'

const ID = 'abcdef0123456789'
const OLD = {
  Id: 'sha256:old',
  Config: { Env: ['PATH=/bin', 'GATEWAY_VERSION=3.10.4'], Cmd: ['gateway/main.ts'], Entrypoint: ['node'] },
} as unknown as ImageInspectInfo

const inspected = {
  Id: ID,
  Name: '/run_data-plane-1_1',
  Image: OLD.Id,
  Config: {
    Hostname: ID.slice(0, 12),
    Image: 'gateway:local',
    Env: ['NODE_NAME=data-plane-1', ...OLD.Config.Env],
    Cmd: ['gateway/main.ts'],
    Entrypoint: ['bash', '-c', 'exec node'],
    Labels: { 'firedrill.node': 'data-plane-1' },
  },
  HostConfig: { NetworkMode: 'run_deployment', RestartPolicy: { Name: 'no' } },
  Mounts: [],
  NetworkSettings: {
    Networks: {
      run_deployment: {
        Aliases: ['data-plane-1', ID.slice(0, 12)],
        IPAMConfig: { IPv4Address: '10.99.0.41' },
        IPAddress: '10.99.0.41',
      },
    },
  },
} as unknown as ContainerInspectInfo

describe('a container that is made otherwise', () => {
  test('of another image has what the old one’s Compose file asked for, and the presets of the new', () => {
    const { create } = remadeFrom(inspected, { own: OLD, wanted: { Id: 'sha256:new' }, environment: {} })
    expect(create).toMatchObject({
      name: 'run_data-plane-1_1',
      Image: 'sha256:new',
      Env: ['NODE_NAME=data-plane-1'],
      Entrypoint: ['bash', '-c', 'exec node'],
      Labels: { 'firedrill.node': 'data-plane-1', 'firedrill.replaces': ID },
    })
    expect(create).not.toHaveProperty('Cmd')
  })

  test('of the image that it runs already is refused: nothing would be another', () => {
    const make = { own: OLD, wanted: OLD, environment: {} }
    expect(() => remadeFrom(inspected, { ...make, image: 'gateway:next' })).toThrow(
      expect.objectContaining({
        code: 'ERR_IMAGES',
        message: expect.stringMatching(/^upgrade of run_data-plane-1_1: it runs gateway:next already/),
      }),
    )
    const other = { ...make, wanted: { Id: 'sha256:new' }, image: 'gateway:next' }
    expect(remadeFrom(inspected, other).create.Image).toBe('sha256:new')
  })

  test('stands where it stood, and is found by the same names', () => {
    const { create, address } = remadeFrom(inspected, { own: OLD, wanted: OLD, environment: {} })
    expect(create.NetworkingConfig?.EndpointsConfig).toEqual({
      run_deployment: { Aliases: ['data-plane-1'], IPAMConfig: { IPv4Address: address } },
    })
  })

  test('told otherwise is of the same image, and hears the new word only', () => {
    const environment = { NODE_NAME: 'other', CONFIG_PROVIDER: 'json' }
    const { create } = remadeFrom(inspected, { own: OLD, wanted: OLD, environment })
    expect(create).toMatchObject({
      Image: OLD.Id,
      Env: [...OLD.Config.Env, 'NODE_NAME=other', 'CONFIG_PROVIDER=json'],
      Cmd: ['gateway/main.ts'],
    })
  })
})
