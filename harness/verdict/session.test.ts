import { expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { historyOf, KILL } from '../analysis/history.fixture.ts'
import type { Event } from '../history/event.ts'
import { judge } from './judge.ts'

/** A session that beats four times a second from 2 s on, answered where that is said; `outAt` is told that it is signed out. */
const findingOf = (isAnswered: (at: number) => boolean, { limit = 0, outAt = 0 } = {}) => {
  const signIn: Event = { kind: 'signed-in', at: 2000, servedBy: 'control-plane-1' }
  const beats = Array.from({ length: 80 }, (_, i): Event => {
    const at = 2250 + i * 250
    const outcome = at === outAt ? 'signed-out' : isAnswered(at) ? 'answered' : 'failed'
    return { kind: 'heartbeat', at, tookMs: 5, outcome, servedBy: null }
  })
  const history = historyOf({ events: [signIn, ...beats], demand: { signOuts: limit } })
  return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'signOuts')
}

test('a session that is answered again once the fault is over has lived', () => {
  expect(findingOf((at) => at < KILL.at || at > KILL.healAt + 1000)).toMatchObject({ outcome: 'pass', measured: 0 })
})

test('of one that nobody answered since nobody knows', () => {
  expect(findingOf((at) => at < KILL.healAt)).toMatchObject({
    outcome: 'inconclusive',
    measured: null,
    because: expect.stringMatching(/once everything was healed/),
  })
})

test('a sign-out fails whatever is answered later, and where one is allowed the session has to be heard of again', () => {
  expect(findingOf(() => false, { outAt: 9000 })).toMatchObject({ outcome: 'fail', measured: 1 })
  expect(findingOf((at) => at < KILL.healAt, { outAt: 9000, limit: 1 })?.outcome).toBe('inconclusive')
  expect(findingOf(() => true, { outAt: 9000, limit: 1 })?.outcome).toBe('pass')
})
