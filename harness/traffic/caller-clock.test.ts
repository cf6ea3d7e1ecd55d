import { expect, test } from 'vitest'
import { compareClocks } from './caller-clock.ts'

/** Two clocks `offset` apart, and a road between them whose times come from `trips`. */
const world = ({
  offset,
  trips,
  callersBoot = 'b',
}: {
  offset: number
  trips: readonly (readonly [there: number, back: number])[]
  callersBoot?: string
}) => {
  let ours = 1000
  let trip = 0
  const exchange = (): number => {
    const [there, back] = trips[Math.min(trip++, trips.length - 1)] ?? [0, 0]
    ours += there
    const read = ours + offset
    ours += back
    return read
  }
  return {
    hello: async () => ({ bootId: callersBoot, nowMs: exchange() }),
    clock: async () => ({ nowMs: exchange() }),
    bootId: 'b',
    originMs: 400,
    now: () => ours,
  }
}

test('one kernel is one clock, without an error', async () => {
  const clock = await compareClocks(world({ offset: 0, trips: [[3, 5]] }))
  expect(clock).toMatchObject({ sameKernel: true, offsetMs: 0, errorMs: 0 })
  expect(clock.toRun(1000)).toBe(600)
})

test('another kernel is estimated by its shortest round trip, and the truth lies within the error', async () => {
  const clock = await compareClocks(
    world({
      offset: 5000,
      callersBoot: 'c',
      trips: [
        [3, 5],
        [8, 1],
        [0.5, 0.1],
        [2, 2],
      ],
    }),
  )
  expect(clock.sameKernel).toBe(false)
  expect(clock.errorMs).toBeCloseTo(0.3, 9)
  expect(Math.abs(clock.offsetMs - 5000)).toBeLessThanOrEqual(clock.errorMs)
  expect(Math.abs(clock.toRun(6000) - 600)).toBeLessThanOrEqual(clock.errorMs)
})

test('a boot id that is the same on two clocks is not believed', async () => {
  expect(await compareClocks(world({ offset: 70, trips: [[1, 1]] }))).toMatchObject({
    sameKernel: false,
    offsetMs: 70,
    errorMs: 1,
  })
})
