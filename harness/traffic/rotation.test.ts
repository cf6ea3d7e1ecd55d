import { afterEach, describe, expect, test } from 'vitest'
import type { Recorder } from '../history/recorder.ts'
import { clockSince } from '../time/clock.ts'
import type { Node } from '../topology/topology.ts'
import { balancerSaying } from './balancer.fixture.ts'
import { type RotationWatch, watchRotation } from './rotation.ts'

const member = (name: string): Node => ({ name, role: 'database', zone: 'a', containers: [] })

const started: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of started.splice(0)) await each.close()
})

/** A watch of one balancer that gives these answers. */
const watchOver = async (...answers: readonly (readonly string[])[]): Promise<RotationWatch> => {
  const { port, close } = await balancerSaying(...answers)
  started.push({ close })
  const recorder = { record: () => {} } as unknown as Recorder
  const watch = await watchRotation({ balancers: [{ name: 'b', port }], recorder, clock: clockSince() })
  started.unshift({ close: () => watch.stop() })
  return watch
}

test('a pair in which one is the primary is in rotation, both of it, and neither is dropped', async () => {
  const watch = await watchOver([
    'primary,database-1,UP,L7OK,200',
    'primary,database-2,DOWN,L7STS,503',
    'databases,database-1,UP,L7OK,200',
    'databases,database-2,UP,L7OK,200',
  ])
  const pair = [member('database-1'), member('database-2')]
  expect(pair.map((node) => watch.isIn(node))).toEqual([true, true])
  expect(await Promise.all(pair.map((node) => watch.dropped(node, 50)))).toEqual([false, false])
})

test('a member that is not the primary and does not run is dropped, not in rotation', async () => {
  const watch = await watchOver(['primary,database-2,DOWN,L7STS,503', 'databases,database-2,DOWN,L7STS,503'])
  expect([watch.isIn(member('database-2')), await watch.dropped(member('database-2'), 200)]).toEqual([false, true])
})

test('who waits is told no at once when nobody looks any more', async () => {
  const watch = await watchOver(['gateways,database-1,UP,L7OK,200'])
  const dropped = watch.dropped(member('database-1'), 60_000)
  await watch.stop()
  expect(await dropped).toBe(false)
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
    const watch = await watchOver(trusted, trusted, trusted, down)
    expect((await admission(watch)).isAdmitted).toBe(false)
  })

  test('at once, when it was out since something was done to it', async () => {
    const watch = await watchOver(down, trusted)
    await expect.poll(() => watch.isIn(node)).toBe(true)
    const { isAdmitted, tookMs } = await admission(watch, { wholeCheckMs: 60_000 })
    expect([isAdmitted, tookMs < 1000]).toEqual([true, true])
  })

  test('after a check, when it was trusted all the while', async () => {
    const { isAdmitted, tookMs } = await admission(await watchOver(trusted))
    expect([isAdmitted, tookMs >= wait.wholeCheckMs]).toEqual([true, true])
  })
})
