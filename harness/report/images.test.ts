import { describe, expect, test } from 'vitest'
import { bareTopology } from '../bare-topology.fixture.ts'
import type { Event } from '../history/event.ts'
import type { Node, Role } from '../topology/topology.ts'
import { imagesThatRan } from './images.ts'

const HELD = {
  'firedrill/base-node:local': 'sha256:base',
  'firedrill/callers:local': 'sha256:callers',
  'firedrill/gateway:local': 'sha256:gateway',
  'firedrill/postgres:local': 'sha256:postgres',
}

const node = (name: string, role: Role, image: string, imageId?: string): Node => ({
  name,
  role,
  zone: 'outside',
  containers: [{ id: name, name, service: name, address: '', image, ...(imageId && { imageId }), ports: {} }],
})

type Run = Extract<Event, { kind: 'run' }>

const played = (
  nodes: readonly Node[],
  more: Partial<Pick<Run, 'images' | 'upgradeTo'>> = {},
  ...others: readonly Event[]
) => ({
  where: 'etcd',
  events: [{ kind: 'run', at: 0, topology: { ...bareTopology, nodes }, ...more } as unknown as Run, ...others],
})

const upgraded = (target: string, image: string): Event => ({
  kind: 'fault',
  at: 1,
  id: 'upgrade-1',
  fault: 'upgrade',
  targets: [target],
  asked: { image },
  stage: 'injected',
})

describe('the images of a run', () => {
  test('are those of the containers that ran, whatever else the engine holds', () => {
    const own = { 'here/callers:3': 'sha256:c3' }
    const history = played([node('data-plane-1', 'data-plane', 'here/gateway:7', 'sha256:g7')], { images: own })
    expect(imagesThatRan([history], HELD)).toEqual({
      images: {
        'firedrill/base-node:local': 'sha256:base',
        'here/callers:3': 'sha256:c3',
        'here/gateway:7': 'sha256:g7',
      },
    })
  })

  test('are what the engine held by these names, where an older record says no more', () => {
    const history = played([
      node('data-plane-1', 'data-plane', 'firedrill/gateway:local'),
      node('control-plane-1', 'control-plane', 'elsewhere/cp:1'),
    ])
    expect(imagesThatRan([history], HELD).images).toEqual({
      'firedrill/base-node:local': 'sha256:base',
      'firedrill/callers:local': 'sha256:callers',
      'firedrill/gateway:local': 'sha256:gateway',
      'elsewhere/cp:1': 'unknown',
    })
  })

  test('are two by one name where that meant another image on another deployment', () => {
    const on = (where: string, id: string) => ({
      ...played([node('data-plane-1', 'data-plane', 'gateway:latest', id)], { images: {} }),
      where,
    })
    expect(
      imagesThatRan([on('etcd', 'sha256:1'), on('etcd', 'sha256:1'), on('vendor', 'sha256:2')], {}).images,
    ).toEqual({
      'gateway:latest': 'sha256:1',
      'gateway:latest (vendor)': 'sha256:2',
    })
  })

  test('are those that took over too, and where from, of an upgrade that was played and of no other', () => {
    const nodes = [
      node('control-plane-1', 'control-plane', 'cp:1', 'sha256:cp1'),
      node('data-plane-1', 'data-plane', 'gw:1', 'sha256:gw1'),
    ]
    const more = { images: {}, upgradeTo: { 'cp:2': 'sha256:cp2', 'gw:2': 'sha256:gw2' } }
    expect(imagesThatRan([played(nodes, more, upgraded('control-plane-1', 'cp:2'))], {})).toEqual({
      images: { 'cp:1': 'sha256:cp1', 'cp:2': 'sha256:cp2', 'gw:1': 'sha256:gw1' },
      upgrades: { 'control-plane': { from: 'cp:1', to: 'cp:2' } },
    })
  })

  test('are what the engine held where nothing was played', () => {
    expect(imagesThatRan([], HELD)).toEqual({ images: HELD })
  })
})
