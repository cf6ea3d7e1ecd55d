import { expect, test } from 'vitest'
import type { Lane } from '../history/call.ts'
import type { History } from '../history/history.ts'
import { callMix } from '../history/mix.ts'
import { analyse } from './analyse.ts'
import { historyOf, withOutcome } from './history.fixture.ts'

const MIX = [
  { route: 'GET /orders', weight: 3 },
  { route: 'GET /slow', weight: 1 },
  // Another query of a route that is there already.
  { route: 'GET /orders', weight: 1 },
]
const SLOW_US = 40_000

/** Every caller lane draws from the mix; calls of /slow take 40 ms longer. */
const mixed = (lanes: readonly Lane[]): readonly Lane[] =>
  lanes.map((lane, k) => {
    if (lane.header.purpose !== 'callers') return lane
    const routeOf = callMix(
      MIX.map(({ weight }) => weight),
      k + 1,
    )
    const latencyUs = lane.latencyUs.map((us, i) => (routeOf(i) === 1 ? us + SLOW_US : us))
    return { ...lane, latencyUs, header: { ...lane.header, seed: k + 1, mix: MIX } }
  })

const history = historyOf({ isDrawn: true })
const drawn: History = { ...history, lanes: mixed(history.lanes) }

test('each route has its share of all calls, and its own latency', () => {
  const { routes } = analyse(drawn)
  expect(routes.map(({ route, share }) => [route, share])).toEqual([
    ['GET /orders', 0.8],
    ['GET /slow', 0.2],
  ])
  const [orders, slow] = routes
  const all = (orders?.calls ?? 0) + (slow?.calls ?? 0)
  expect(all).toBe(
    history.lanes.reduce((sum, { header, count }) => sum + (header.purpose === 'callers' ? count : 0), 0),
  )
  expect((slow?.calls ?? 0) / all).toBeCloseTo(0.2, 2)
  expect(orders?.latency.steady?.max).toBeLessThan(10)
  expect(slow?.latency.steady?.p50).toBeGreaterThan(40)
  expect(slow?.latency.recovered?.p50).toBeGreaterThan(40)
})

test('a lost call is lost of its own route', () => {
  const routeOf = callMix(
    MIX.map(({ weight }) => weight),
    1,
  )
  const lost = Array.from({ length: 2000 }, (_, i) => i)
    .filter((i) => routeOf(i) === 1)
    .slice(100, 107)
  const [first, ...others] = drawn.lanes
  if (!first) throw new Error('there is no lane')
  const lanes = [lost.reduce((lane, i) => withOutcome(lane, i, 'server-error'), first), ...others]
  const { routes } = analyse({ ...drawn, lanes })
  expect(routes.map(({ route, lost: count }) => [route, count])).toEqual([
    ['GET /orders', 0],
    ['GET /slow', 7],
  ])
})

test('where every call asks for the same there are no routes to tell apart', () => {
  expect(analyse(history).routes).toEqual([])
})
