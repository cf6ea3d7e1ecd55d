import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Recorder } from '../history/recorder.ts'
import { clockSince } from '../time/clock.ts'
import type { Node } from '../topology/topology.ts'
import { type RotationWatch, watchRotation } from './rotation.ts'

const HEADER = '# pxname,svname,status,check_status,check_code'
const member = (name: string): Node => ({ name, role: 'database', zone: 'a', containers: [] })

const started: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of started.splice(0)) await each.close()
})

/** A balancer's socket that answers with these server lines, one answer after another, and from then on with the last. */
const balancerSaying = async (...answers: readonly (readonly string[])[]): Promise<number> => {
  const [last = [], ...before] = answers.toReversed()
  const server: Server = createServer((socket) => socket.end([HEADER, ...(before.pop() ?? last), ''].join('\n')))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  started.push(server)
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

const watchOf = async (...lines: readonly string[]): Promise<RotationWatch> => watchOver(await balancerSaying(lines))

const watchOver = async (port: number, events: unknown[] = []): Promise<RotationWatch> => {
  const recorder = { record: (event: unknown) => events.push(event) } as unknown as Recorder
  const watch = await watchRotation({ balancers: [{ name: 'b', port }], recorder, clock: clockSince() })
  started.unshift({ close: () => watch.stop() })
  return watch
}

test('a pair in which one is the primary is in rotation, both of it', async () => {
  const watch = await watchOf(
    'primary,database-1,UP,L7OK,200',
    'primary,database-2,DOWN,L7STS,503',
    'databases,database-1,UP,L7OK,200',
    'databases,database-2,UP,L7OK,200',
  )
  expect([watch.isIn(member('database-1')), watch.isIn(member('database-2'))]).toEqual([true, true])
})

test('a member that is not the primary and does not run is dropped, not in rotation', async () => {
  const watch = await watchOf('primary,database-2,DOWN,L7STS,503', 'databases,database-2,DOWN,L7STS,503')
  expect([watch.isIn(member('database-2')), await watch.dropped(member('database-2'), 200)]).toEqual([false, true])
})

test('a standby that runs is not dropped', async () => {
  const watch = await watchOf('primary,database-2,DOWN,L7STS,503', 'databases,database-2,UP,L7OK,200')
  expect(await watch.dropped(member('database-2'), 50)).toBe(false)
})

test('a node that only waits to be the primary, and runs for nobody, is not in rotation', async () => {
  const watch = await watchOf('primary,database-2,DOWN,L7STS,503')
  expect(watch.isIn(member('database-2'))).toBe(false)
})

test.each([
  ['L7STS,503', 'standby'],
  ['L7STS,500', 'out'],
])('a check under way whose last answer (%s) is forgotten changes nothing', async (said, state) => {
  const events: { readonly state?: string }[] = []
  const under = ['primary,database-2,DOWN,* L7STS,0']
  const watch = await watchOver(await balancerSaying([`primary,database-2,DOWN,${said}`], under), events)
  await expect.poll(() => watch.servers()).toEqual([expect.objectContaining({ reason: '* L7STS 0', state })])
  expect(events.map((event) => event.state)).toEqual([state])
})

describe('a node is admitted on what a balancer finds it to be now', () => {
  const wait = { actedAt: 0, wholeCheckMs: 500, limitMs: 1200 }
  const trusted = ['gateways,database-1,UP,L7OK,200']
  const down = ['gateways,database-1,DOWN,L4CON,']
  const node = member('database-1')

  /** Whether it is admitted, and after how long. */
  const admission = async (watch: RotationWatch, over: Partial<typeof wait> = {}) => {
    const from = performance.now()
    const isAdmitted = await watch.admitted(node, { ...wait, ...over })
    return { isAdmitted, tookMs: performance.now() - from }
  }

  test('not on the trust of before, which the next checks end', async () => {
    const watch = await watchOver(await balancerSaying(trusted, trusted, trusted, down))
    expect((await admission(watch)).isAdmitted).toBe(false)
  })

  test('not while the last check failed, and there were too few to drop it', async () => {
    const watch = await watchOf('gateways,database-1,UP 1/2,L4TOUT,')
    expect((await admission(watch)).isAdmitted).toBe(false)
  })

  test('at once, when it was out since something was done to it', async () => {
    const watch = await watchOver(await balancerSaying(down, trusted))
    await expect.poll(() => watch.isIn(node)).toBe(true)
    const { isAdmitted, tookMs } = await admission(watch, { wholeCheckMs: 60_000 })
    expect([isAdmitted, tookMs < 1000]).toEqual([true, true])
  })

  test('not because it was out before something was done to it', async () => {
    const watch = await watchOver(await balancerSaying(down, trusted))
    await expect.poll(() => watch.isIn(node)).toBe(true)
    expect((await admission(watch, { actedAt: 60_000, wholeCheckMs: 60_000 })).isAdmitted).toBe(false)
  })

  test('after a check, when it was trusted all the while', async () => {
    const { isAdmitted, tookMs } = await admission(await watchOf(...trusted))
    expect([isAdmitted, tookMs >= wait.wholeCheckMs]).toEqual([true, true])
  })

  test('also in a backend that does not check for itself', async () => {
    const watch = await watchOf('dp-managers-tls,database-1,UP,,')
    expect((await admission(watch, { wholeCheckMs: 60_000 })).isAdmitted).toBe(true)
  })
})
