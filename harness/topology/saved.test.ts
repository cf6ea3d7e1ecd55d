import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { demultiplex, saveEvidence, standInLogs, tellable } from './saved.ts'
import { type SmallContainer, startSmallEngine } from './small-engine.fixture.ts'
import type { Node, Role, Topology } from './topology.ts'

const nodeOf = (name: string, role: Role): Node => ({
  name,
  role,
  zone: 'outside',
  containers: [{ id: name, name, service: name, address: '10.0.0.2', image: 'any', ports: {} }],
})

const topology: Topology = {
  stack: 'any',
  project: 'fd-1',
  network: 'any',
  subnet: '10.0.0',
  nodes: [nodeOf('callers-balancer', 'load-balancer'), nodeOf('data-plane-1', 'data-plane')],
}

const inspected = ({ name }: Pick<Node, 'name'>, log?: Buffer) =>
  ({
    ...(log && { log }),
    Id: name,
    Name: `/${name}`,
    Config: { Image: 'any', Labels: {}, Env: [] },
    NetworkSettings: { Networks: {} },
    HostConfig: { PortBindings: {} },
  }) satisfies SmallContainer & { readonly Config: { readonly Env: readonly string[] } }

const framed = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

let engine: Awaited<ReturnType<typeof startSmallEngine>>
let folder = ''

beforeAll(async () => {
  // It knows its containers, and has no log of any but two that stood in for one of them.
  const standIns = ['first', 'second'].map((name) => inspected({ name }, framed(1, `the ${name} one\n`)))
  engine = await startSmallEngine([...topology.nodes.map((node) => inspected(node)), ...standIns])
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-saved-'))
  return () => rm(folder, { recursive: true })
})
afterAll(() => engine.end())

const saved = (into: string) =>
  saveEvidence({ topology, folder: into, sinceWallMs: 0, redact: (text) => text }).then((unsaved) =>
    unsaved.map(({ about, because }) => [about, because.split(':')[0]]),
  )

test("what was not saved says what it is and whose, and a balancer's log is not any log", async () => {
  expect(await saved(folder)).toEqual([
    ['balancer log', 'The log of callers-balancer was not saved'],
    ['log', 'The log of data-plane-1 was not saved'],
  ])
  expect((await readdir(join(folder, 'inspect'))).sort()).toEqual(['callers-balancer.json', 'data-plane-1.json'])
})

test('where nothing can be written every part says so', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  expect(await saved(file)).toEqual([
    ['balancer log', 'The log of callers-balancer was not saved'],
    ['inspect', 'What the engine says of callers-balancer was not saved'],
    ['log', 'The log of data-plane-1 was not saved'],
    ['inspect', 'What the engine says of data-plane-1 was not saved'],
  ])
})

const containerOf = (name: string) => {
  const [container] = topology.nodes.find((node) => node.name === name)?.containers ?? []
  if (!container) throw new RangeError(`Nobody is called ${name}.`)
  return container
}

test('whoever stood in the place of a container has a log of its own beside it, also where it is saved again', async () => {
  const save = standInLogs({ topology, folder, sinceWallMs: 0, redact: (text) => text.replace('one', '[redacted]') })
  const container = containerOf('data-plane-1')
  expect([await save(container, 'first'), await save(container, 'second'), await save(container, 'first')]).toEqual(
    Array(3).fill([]),
  )
  expect((await readdir(join(folder, 'logs'))).sort()).toEqual([
    'data-plane-1.stand-in-1.log',
    'data-plane-1.stand-in-2.log',
  ])
  expect(await readFile(join(folder, 'logs', 'data-plane-1.stand-in-2.log'), 'utf8')).toBe('the second [redacted]\n')
})

test('a log of a stand-in that was not saved says whose it is', async () => {
  const save = standInLogs({ topology, folder, sinceWallMs: 0, redact: (text) => text })
  expect(await save(containerOf('data-plane-1'), 'gone')).toEqual([
    { about: 'log', because: expect.stringMatching(/^The log of data-plane-1\.stand-in-1 was not saved: /) },
  ])
  expect(await save(containerOf('callers-balancer'), 'gone')).toMatchObject([{ about: 'balancer log' }])
})

test("both streams of a container's log come out in order, without Docker's headers", () => {
  expect(demultiplex(Buffer.concat([framed(1, 'out\n'), framed(2, 'err\n'), framed(1, 'more\n')]))).toBe(
    'out\nerr\nmore\n',
  )
})

test('a log cut in the middle of a piece keeps what came', () => {
  expect(demultiplex(framed(1, 'whole line\n').subarray(0, 13))).toBe('whole')
})

test('what is told of a container holds neither the values of its environment nor paths of this machine', () => {
  const inspected = {
    Id: 'c1',
    LogPath: '/srv/engine/c1.log',
    GraphDriver: { Data: { MergedDir: '/srv/engine/overlay' } },
    Config: {
      Env: ['POSTGRES_PASSWORD=canary-5f1c', 'TZ=UTC'],
      Labels: { 'firedrill.node': 'postgres', 'com.docker.compose.project.working_dir': '/srv/checkout' },
    },
  } as unknown as Parameters<typeof tellable>[0]
  expect(tellable(inspected)).toEqual({
    Id: 'c1',
    Config: { Env: ['POSTGRES_PASSWORD=[redacted]', 'TZ=[redacted]'], Labels: { 'firedrill.node': 'postgres' } },
  })
})
