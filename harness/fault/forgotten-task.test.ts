import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { isForgottenTask } from './forgotten-task.ts'
import { undo } from './undoing.ts'

const refusal = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode })

test('a start that the engine refuses because a task is there already is told from other refusals', () => {
  const id = '945a200bd0bbdb4ea06106e9467980b37d3167e2b107fbd03d2796cba3244ac3'
  const refusals = [
    refusal(500, `(HTTP code 500) server error - task ${id}: already exists `),
    refusal(500, '(HTTP code 500) server error - driver failed programming external connectivity'),
    refusal(409, `task ${id}: already exists`),
    new Error(`task ${id}: already exists`),
  ]
  expect(refusals.map(isForgottenTask)).toEqual([true, false, false, false])
})

/** What the engine knows of a container here, and how it is made. */
interface Known {
  readonly Id: string
  Name: string
  Labels: Readonly<Record<string, string>>
  isRunning: boolean
}

const OLD = 'a'.repeat(64)
const FORGOTTEN = `task ${OLD}: already exists`
const IN_USE = 'Address already in use'

describe('a container whose process was forgotten', () => {
  const known = new Map<string, Known>()
  /** Acts that the engine refuses, with the words it has for it. */
  const refuses = new Map<string, string>()

  const inspected = ({ Id, Name, Labels, isRunning }: Known) => ({
    Id,
    Name,
    Image: 'sha256:1',
    State: { Running: isRunning, Paused: false },
    Config: { Hostname: Id.slice(0, 12), Labels },
    HostConfig: {},
    NetworkSettings: { Networks: { lab: { IPAddress: '10.0.0.2', IPAMConfig: { IPv4Address: '10.0.0.2' } } } },
    Mounts: [],
  })

  /** undefined: there is no such container. */
  const done = (act: string, id: string, query: URLSearchParams, body: unknown): object | undefined => {
    if (act === 'json' && id === 'containers') {
      const { label } = JSON.parse(query.get('filters') ?? '{}') as { label: readonly string[] }
      const has = (each: Known, asked: string): boolean =>
        Object.entries(each.Labels).some(([name, value]) => asked === name || asked === `${name}=${value}`)
      return [...known.values()].filter((each) => label.every((asked) => has(each, asked)))
    }
    if (act === 'create') {
      const { Labels } = body as Pick<Known, 'Labels'>
      const Id = `${known.size}`.repeat(64)
      known.set(Id, { Id, Name: `/${query.get('name')}`, Labels, isRunning: false })
      return { Id }
    }
    const container = known.get(id)
    if (act === 'start' && container) container.isRunning = true
    if (act === 'rename' && container) container.Name = `/${query.get('name')}`
    if (act === 'remove') known.delete(id)
    return container && inspected(container)
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine')
    const [, id = '', last = ''] = /([^/]+)\/([^/]+)$/.exec(pathname) ?? []
    const [act, whose] = request.method === 'DELETE' ? ['remove', last] : [last, id]
    const body = act === 'create' ? await json(request) : null
    const why = act === 'start' && whose === OLD ? FORGOTTEN : refuses.get(act)
    const answer = why === undefined ? done(act, whose, searchParams, body) : { message: why }
    const status = answer === undefined ? 404 : why === undefined ? 200 : 500
    response.writeHead(act === 'create' && status === 200 ? 201 : status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  })

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    vi.stubEnv('DOCKER_HOST', `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => {
    known.clear()
    refuses.clear()
    const Labels = { 'firedrill.run': 'run', 'firedrill.role': 'data-plane' }
    known.set(OLD, { Id: OLD, Name: '/gateway', Labels, isRunning: false })
  })

  const undone = () => undo([{ act: 'start', container: OLD }])
  const there = () => [...known.values()].map(({ Id, Name, isRunning }) => ({ isOld: Id === OLD, Name, isRunning }))

  test('is made anew, and the one that comes runs under its name', async () => {
    expect([await undone(), await undone()]).toEqual([[], []])
    expect(there()).toEqual([{ isOld: false, Name: '/gateway', isRunning: true }])
  })

  test('is there still where the engine would make no other', async () => {
    refuses.set('create', 'no space left on device')
    expect(await undone()).toEqual([expect.stringContaining('no space left on device')])
    expect(there()).toEqual([{ isOld: true, Name: '/gateway', isRunning: false }])
  })

  test.each([
    ['started', 'start'],
    ['given its name', 'rename'],
    ['put in its place', 'remove'],
  ])('whose other could not be %s is not undone, again and again, until it is', async (_, act) => {
    refuses.set(act, IN_USE)
    const failed = [await undone(), await undone()]
    expect(failed).toEqual(Array(2).fill([expect.stringContaining(IN_USE)]))
    refuses.clear()
    expect(await undone()).toEqual([])
    expect(there()).toEqual([{ isOld: false, Name: '/gateway', isRunning: true }])
  })

  test('is left as it is where it may hold data', async () => {
    const Labels = { 'firedrill.run': 'run', 'firedrill.role': 'database' }
    known.set(OLD, { Id: OLD, Name: '/database', Labels, isRunning: false })
    expect(await undone()).toEqual([expect.stringContaining('ERR_FORGOTTEN_TASK')])
    expect(there()).toEqual([{ isOld: true, Name: '/database', isRunning: false }])
  })
})
