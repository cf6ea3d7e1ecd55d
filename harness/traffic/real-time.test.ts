import { expect, test } from 'vitest'
import type { HeldPlan } from './held-container.ts'
import { holdAhead } from './real-time.ts'

const PLAN: HeldPlan = { image: 'callers', name: 'run-callers', network: 'deployment', labels: {} }

/** Holds nothing, and refuses the first `refusals` plans. */
const engine = (refusals: number) => {
  const asked: HeldPlan[] = []
  return {
    asked,
    hold: async (plan: HeldPlan): Promise<string> => {
      asked.push(plan)
      if (asked.length <= refusals) throw new Error(`refused ${asked.length}`)
      return 'held'
    },
  }
}

test('callers get real time as they are created, and share it', async () => {
  const { asked, hold } = engine(0)
  expect(await holdAhead(PLAN, { among: 2, hold })).toBe('held')
  expect(asked).toEqual([{ ...PLAN, mayGoAhead: true, realTimeUs: 450_000 }])
})

test('callers whose share would not last for a second get none', async () => {
  const { asked, hold } = engine(0)
  expect(await holdAhead(PLAN, { among: 3, hold })).toBe('held')
  expect(asked).toEqual([PLAN])
})

test('an engine that refuses a budget is asked without one', async () => {
  const { asked, hold } = engine(1)
  expect(await holdAhead(PLAN, { among: 1, hold })).toBe('held')
  expect(asked.map(({ realTimeUs, mayGoAhead }) => ({ realTimeUs, mayGoAhead }))).toEqual([
    { realTimeUs: 900_000, mayGoAhead: true },
    { realTimeUs: undefined, mayGoAhead: true },
  ])
})

test('what is wrong with the plan itself is told', async () => {
  const { hold } = engine(2)
  await expect(holdAhead(PLAN, { among: 1, hold })).rejects.toThrow('refused 2')
})
