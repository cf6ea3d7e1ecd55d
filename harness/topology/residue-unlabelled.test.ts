// A stack of one's own may label its containers alone: what Compose made beside them goes all the same, and nobody else's does.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { remove, residueOf } from './residue.ts'
import { type SmallContainer, type SmallNetwork, type SmallVolume, startSmallEngine } from './small-engine.fixture.ts'

const RUN = 'fd-20261128-221500-a1b2c3'
const [LABEL, PROJECT] = ['firedrill.run', 'com.docker.compose.project']

const containers: SmallContainer[] = []
const volumes: SmallVolume[] = []
const networks: SmallNetwork[] = []
let engine: Awaited<ReturnType<typeof startSmallEngine>>

beforeAll(async () => {
  engine = await startSmallEngine(containers, volumes, networks)
})

afterAll(() => engine.end())

beforeEach(() => {
  for (const all of [containers, volumes, networks]) all.length = 0
})

const container = (Id: string, Labels: Readonly<Record<string, string>>): void =>
  void containers.push({
    Id,
    Name: `/${Id}`,
    Config: { Labels, Image: 'any' },
    NetworkSettings: { Networks: {} },
    HostConfig: { PortBindings: {} },
  })
const network = (Id: string, Labels: Readonly<Record<string, string>>): void =>
  void networks.push({ Id, Name: Id, Labels })
const volume = (Name: string, Labels: Readonly<Record<string, string>>): void => void volumes.push({ Name, Labels })

/** As Compose leaves a stack with labels on its containers, and one sidecar without. */
const broughtUp = (run: string): void => {
  container('gateway', { [LABEL]: run, [PROJECT]: run })
  container('sidecar', { [PROJECT]: run })
  network('deployment', { [PROJECT]: run })
  volume('pgdata', { [PROJECT]: run })
}

const left = () => [...containers, ...networks].map(({ Id }) => Id).concat(volumes.map(({ Name }) => Name))

test('what Compose made for a run is found with it, once, and goes with it', async () => {
  broughtUp(RUN)
  const found = [{ run: RUN, containers: ['gateway', 'sidecar'], networks: ['deployment'], volumes: ['pgdata'] }]
  expect([await residueOf(), await residueOf(RUN)]).toEqual([found, found])
  await remove(RUN)
  expect(left()).toEqual([])
})

test('what is left of it alone is found as well', async () => {
  network('deployment', { [PROJECT]: RUN })
  expect(await residueOf()).toEqual([{ run: RUN, containers: [], networks: ['deployment'], volumes: [] }])
  await remove(RUN)
  expect(left()).toEqual([])
})

test.each([
  ['somebody’s own project', { [PROJECT]: 'shop' }],
  ['another run’s project', { [PROJECT]: 'fd-up-1a2b-a1b2c3' }],
  ['no project', {}],
])('of %s nothing is touched', async (_, labels) => {
  broughtUp(RUN)
  network('theirs', labels)
  volume('their-data', labels)
  await remove(RUN)
  expect(left()).toEqual(['theirs', 'their-data'])
})

test('a run that somebody named takes of a project of that name what carries its label, and nothing else', async () => {
  broughtUp('shop')
  expect(await residueOf()).toEqual([{ run: 'shop', containers: ['gateway'], networks: [], volumes: [] }])
  await remove('shop')
  expect(left()).toEqual(['sidecar', 'deployment', 'pgdata'])
})

test('what somebody started with Compose by hand is theirs, whatever the project is called', async () => {
  container('gateway', { [LABEL]: 'by-hand', [PROJECT]: RUN })
  expect((await residueOf()).map(({ run }) => run)).toEqual(['by-hand'])
  expect(await residueOf(RUN)).toEqual([])
})
