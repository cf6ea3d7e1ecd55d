import { describe, expect, test } from 'vitest'
import type { ServerLook } from '../topology/haproxy.ts'
import { isDropped, isIn, isLookedAt } from './trust.ts'

describe('a node is in rotation', () => {
  test('where one backend gives it traffic, and the others find nothing wrong with it', () => {
    expect([isIn(['in']), isIn(['in', 'standby'])]).toEqual([true, true])
  })

  test.each(['out', 'draining', 'maintenance'] as const)('not where one holds it as %s', (state) => {
    expect([isIn(['in', state]), isIn([state])]).toEqual([false, false])
  })

  test('not where it only waits to be the primary, and runs for nobody; nor where nobody holds it', () => {
    expect([isIn(['standby']), isIn([])]).toEqual([false, false])
  })
})

describe('a node is dropped', () => {
  test('where no backend gives it anything new', () => {
    expect([isDropped(['out', 'draining']), isDropped(['standby', 'out'])]).toEqual([true, true])
  })

  test('not where one does; nor where nobody holds it', () => {
    expect([isDropped(['standby', 'in']), isDropped([])]).toEqual([false, false])
  })
})

describe('trust is of now', () => {
  const trusted: ServerLook = { backend: 'gateways', node: 'gateway', state: 'in', reason: 'L7OK 200' }
  const grounds = { actedAt: 1000, believedAt: 5000 }
  const never = { at: 2000, outAt: -Infinity }

  test.each([
    [{ at: 2000, outAt: 1000 }, true],
    [{ at: 2000, outAt: 999 }, false],
    [{ at: 5000, outAt: -Infinity }, true],
    [{ at: 4999, outAt: -Infinity }, false],
  ])(
    'of a server that was out since something was done to it, or is in once a check has run whole: %j',
    (seen, isSo) => {
      expect(isLookedAt([{ server: trusted, ...seen }], grounds)).toBe(isSo)
    },
  )

  test('not while the last check failed, and there were too few to drop it', () => {
    const failing = { ...trusted, reason: 'L4TOUT' }
    expect(isLookedAt([{ server: failing, at: 5000, outAt: 1000 }], grounds)).toBe(false)
  })

  test('only where each backend that trusts it looked anew', () => {
    const anew = { server: trusted, at: 5000, outAt: -Infinity }
    expect(isLookedAt([anew, { server: { ...trusted, backend: 'admin' }, ...never }], grounds)).toBe(false)
  })

  test('of a backend that does not check for itself, and of one that does not trust it, nothing is asked', () => {
    const unchecked: ServerLook = { backend: 'dp-managers-tls', node: 'gateway', state: 'in' }
    const standby: ServerLook = { ...trusted, state: 'standby' }
    expect(
      isLookedAt(
        [unchecked, standby].map((server) => ({ server, ...never })),
        grounds,
      ),
    ).toBe(true)
  })
})
