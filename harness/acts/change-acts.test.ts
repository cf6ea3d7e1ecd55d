// What a script changes: asked for again while nobody takes it, and waited for as steps of their own.
import { expect, test, vi } from 'vitest'
import type { Change } from '../traffic/change.ts'
import type { RouteChange } from '../traffic/route-change.ts'
import { operatorActs } from './change-acts.ts'

const time = vi.hoisted(() => ({ ms: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    time.ms += ms
  },
}))

/** An operator whose requests come to these in turn, and to the last of them from then on. */
const operating = (...outcomes: readonly [Change['outcome'], ...Change['outcome'][]]) => {
  time.ms = 0
  const asked: RouteChange[] = []
  const waited: unknown[] = []
  const titles: string[] = []
  let isSignedIn = false
  const change = (outcome: Change['outcome']): Change =>
    ({
      outcome,
      reaches: async (...how: unknown[]) => waited.push(how) > 0,
    }) as Partial<Change> as Change
  const acts = operatorActs(
    {
      operator: {
        changeRoute: async (_: string, told: RouteChange) => {
          if (!isSignedIn) throw new Error('Nobody is signed in.')
          asked.push(told)
          return change(outcomes[Math.min(asked.length, outcomes.length) - 1] ?? outcomes[0])
        },
      } as never,
      signedInApi: async () => {
        isSignedIn = true
      },
      streamChanges: () => Promise.reject(new Error('No stream here.')),
      backUp: async () => ({ restore: async () => {} }),
      clock: { now: () => time.ms },
    },
    (title, act) => {
      titles.push(title)
      return act()
    },
  )
  return { acts, asked, waited, titles }
}

test('a change is asked for once, signed in, and what comes of it is waited for by its own step', async () => {
  const { acts, asked, waited, titles } = operating('refused')
  const underWay = await acts.changeRoute('orders', { description: 'once' })
  expect(asked).toHaveLength(1)
  await underWay.reaches([])
  expect(waited).toEqual([[[], 60_000]])
  expect(titles).toEqual(['Change route orders', 'The change reaches '])
})

test('within a limit it is asked for again, the same change, until it is accepted', async () => {
  const { acts, asked } = operating('unknown', 'refused', 'accepted')
  await acts.changeRoute('orders', { description: 'again' }, { within: '10s' })
  expect(new Set(asked.map(({ description }) => description)).size).toBe(1)
  expect([asked.length, time.ms]).toEqual([3, 500])
})

test('and no longer than that', async () => {
  const { acts, asked } = operating('unknown')
  await acts.changeRoute('orders', { description: 'in vain' }, { within: '1s' })
  expect([asked.length, time.ms]).toEqual([5, 1000])
})

test('a backup is made and restored by steps of their own', async () => {
  const { acts, titles } = operating('accepted')
  await (await acts.backUpDatabase()).restore()
  expect(titles).toEqual(['Back up the database', 'Restore the database'])
})
