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

test('a page that was of no use yet when the script ended may never have been of use again', () => {
  const page = (at: number, ok: boolean): Event => ({
    kind: 'page',
    at,
    act: 'Refresh the Dashboard',
    tookMs: 6000,
    ok,
  })
  const stall = (pages: readonly Event[], limit: string) => {
    const beats = Array.from({ length: 80 }, (_, i): Event => {
      return { kind: 'heartbeat', at: 2250 + i * 250, tookMs: 5, outcome: 'answered', servedBy: null }
    })
    const events = [{ kind: 'signed-in', at: 2000, servedBy: 'control-plane-1' } as const, ...beats, ...pages]
    const history = historyOf({ events, demand: { uiStall: limit } })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'uiStall')
  }
  expect(stall([page(16_500, false)], '20s')).toMatchObject({
    outcome: 'inconclusive',
    unended: true,
    because: expect.stringMatching(/not usable after 'Refresh the Dashboard', and the script ended before it was\.$/),
  })
  expect(stall([page(16_500, false)], '3s')?.outcome).toBe('fail')
  expect(stall([page(12_500, false), page(16_500, true)], '20s')).toMatchObject({ outcome: 'pass', measured: 8500 })
})

test('a session that nobody answered any more when the record ended may never have been answered again', () => {
  const stall = (isAnswered: (at: number) => boolean) => {
    const beats = Array.from({ length: 80 }, (_, i): Event => {
      const at = 2250 + i * 250
      return { kind: 'heartbeat', at, tookMs: 5, outcome: isAnswered(at) ? 'answered' : 'failed', servedBy: null }
    })
    const events = [{ kind: 'signed-in', at: 2000, servedBy: 'control-plane-1' } as const, ...beats]
    const history = historyOf({ events, demand: { uiStall: '30s' } })
    return judge(history, analyse(history)).findings.find(({ objective }) => objective === 'uiStall')
  }
  expect(stall((at) => at < 16_000)).toMatchObject({
    outcome: 'inconclusive',
    unended: true,
    because: expect.stringMatching(/no heartbeat of the session was answered, and the record ended before one was\.$/),
  })
  // The last one may have been cut off with the record.
  expect(stall((at) => at < 22_000)?.outcome).toBe('pass')
  expect(stall((at) => at < 9000 || at > 14_000)?.outcome).toBe('pass')
})

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
