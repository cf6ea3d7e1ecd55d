import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf } from '../analysis/history.fixture.ts'
import type { Event, TeardownPart } from '../history/event.ts'
import type { History } from '../history/history.ts'
import { judge } from './judge.ts'
import type { Verdict } from './verdict.ts'

const NAME = 'What the verdict rests on was saved'

const judged = (history: History): Verdict => judge(history, analyse(history))

const lost = (about: TeardownPart | undefined, because: string): Event => ({
  kind: 'teardown',
  at: 29_900,
  ok: false,
  ...(about && { about }),
  because,
})

const verdictWith = (...events: readonly Event[]): Verdict => judged(historyOf({ events }))

/** As a harness writes it that says when its tear-down is over. */
const told = (...events: readonly Event[]): History => {
  const history = historyOf({ events })
  return {
    ...history,
    events: history.events.map((event) => (event.kind === 'run' ? { ...event, endsWith: 'teardown' } : event)),
  }
}

const saidOf = (verdict: Verdict) => verdict.assumptions.find(({ name }) => name === NAME)

describe('what a verdict rests on', () => {
  test('that was saved is said to be, and what nobody speaks of is not missed', () => {
    expect(saidOf(verdictWith())).toEqual({ name: NAME, holds: true, because: 'Nobody missed anything at tear-down.' })
  })

  test.each(['healing', 'tail', 'changes', 'upstream record'] as const)(
    'and that is missing of %s makes a pass inconclusive, whatever else holds',
    (about) => {
      const verdict = verdictWith(lost(about, 'It did not end: no answer'))
      expect(verdict.outcome).toBe('inconclusive')
      expect(verdict.because).toBe('It did not end: no answer.')
      expect(saidOf(verdict)).toEqual({ name: NAME, holds: false, because: 'It did not end: no answer.' })
    },
  )

  test.each(['calls', 'balancer log', 'rotation', 'machine'] as const)(
    'and that is missing of %s is the sensor’s own want',
    (about) => {
      const verdict = verdictWith(lost(about, 'Not saved: no space'), lost(about, 'Not saved either'))
      expect(verdict.outcome).toBe('inconclusive')
      expect(saidOf(verdict)).toEqual({
        name: NAME,
        holds: false,
        isSensors: true,
        because: 'Not saved: no space. And 1 more of the kind.',
      })
    },
  )

  test('and of which an older record does not say what it is, is taken for the worst', () => {
    const verdict = verdictWith(lost(undefined, 'not saved: no such container'))
    expect(verdict.outcome).toBe('inconclusive')
    expect(saidOf(verdict)).not.toHaveProperty('isSensors')
  })

  test('fails nothing, and takes no failure back', () => {
    const trouble = [{ from: 9000, to: 9500, how: 'refused' }] as const
    const history = historyOf({ trouble, events: [lost('balancer log', 'Not saved: no space')] })
    expect(judged(history).outcome).toBe('fail')
  })
})

describe('a picture, a trace, a gateway’s log', () => {
  test.each(['screenshot', 'trace', 'log', 'inspect', 'balancer state', 'residue'] as const)(
    '%s that was not saved is told, and changes nothing',
    (about) => {
      const verdict = verdictWith(lost(about, 'Not saved: no space'))
      expect(verdict.outcome).toBe('pass')
      expect(saidOf(verdict)).toMatchObject({ holds: true })
      expect(verdict.unsaved).toEqual(['Not saved: no space.'])
    },
  )

  test.each(["no screenshot of 'Sign in': closed", 'dashboard: closed', 'echo: no such container'])(
    'is known by its words in an older record, which has no other: %s',
    (because) => {
      const verdict = verdictWith(lost(undefined, because))
      expect([verdict.outcome, verdict.unsaved]).toEqual(['pass', [`${because}.`]])
    },
  )

  test('is not spoken of where all was saved', () => {
    expect(verdictWith()).not.toHaveProperty('unsaved')
  })
})

describe('a tear-down', () => {
  test('that came to its end is enough', () => {
    expect(judged(told({ kind: 'teardown', at: 29_950, ok: true })).outcome).toBe('pass')
  })

  test('that was cut off saved nobody knows what', () => {
    const verdict = judged(told())
    expect(verdict.outcome).toBe('inconclusive')
    expect(saidOf(verdict)).toMatchObject({
      holds: false,
      isSensors: true,
      because: expect.stringMatching(/^Nobody wrote down that the tear-down came to its end/),
    })
  })
})
