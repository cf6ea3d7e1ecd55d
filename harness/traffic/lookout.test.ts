import { afterEach, describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import { manualClock } from '../time/clock.ts'
import { balancerSaying } from './balancer.fixture.ts'
import { lookoutAt } from './lookout.ts'

const OVER = AbortSignal.abort()
const UP = ['gateways,gateway,UP,L7OK,200']
const DOWN = ['gateways,gateway,DOWN,L4CON,']
const NO_WORD: readonly string[] = []

const started: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of started.splice(0)) await each.close()
})

/** A lookout at a balancer that says so, one look a second, and what it writes down. */
const lookoutOver = async (...answers: readonly (readonly string[])[]) => {
  const balancer = await balancerSaying(...answers)
  started.push(balancer)
  const events: Event[] = []
  const clock = manualClock()
  const recorder = { record: (event: Event) => void events.push(event) }
  const lookout = lookoutAt({ name: 'b', port: balancer.port }, { recorder, clock })
  const looks = async (count: number): Promise<void> => {
    for (let look = 0; look < count; look += 1) {
      clock.advance(1000)
      await lookout.look()
    }
  }
  return { lookout, looks, events }
}

describe('a look', () => {
  test('is written down where it shows something else than the one before', async () => {
    const { looks, events } = await lookoutOver(UP, UP, DOWN)
    await looks(4)
    const told = { kind: 'rotation', balancer: 'b', backend: 'gateways', node: 'gateway' }
    expect(events).toEqual([
      { ...told, at: 1000, state: 'in', lastLookAt: 1000, reason: 'L7OK 200' },
      { ...told, at: 3000, state: 'out', was: 'in', lastLookAt: 2000, reason: 'L4CON' },
    ])
  })

  test('shows when each server was last seen, and last seen out', async () => {
    const { lookout, looks } = await lookoutOver(UP, DOWN, UP)
    const times = () => lookout.servers().map(({ at, outAt }) => [at, outAt])
    await looks(1)
    const atFirst = times()
    await looks(2)
    expect([atFirst, times()]).toEqual([[[1000, -Infinity]], [[3000, 2000]]])
  })

  test.each([
    ['L7STS,503', 'standby'],
    ['L7STS,500', 'out'],
  ])('while a check is under way whose last answer (%s) is forgotten changes nothing', async (said, state) => {
    const under = ['primary,database-2,DOWN,* L7STS,0']
    const { lookout, looks, events } = await lookoutOver([`primary,database-2,DOWN,${said}`], under)
    await looks(2)
    expect(lookout.servers()).toEqual([
      expect.objectContaining({ server: expect.objectContaining({ reason: '* L7STS 0', state }) }),
    ])
    expect(events).toEqual([expect.objectContaining({ state })])
  })

  test('knows a server that it did not show for a while', async () => {
    const other = ['gateways,other,UP,L7OK,200']
    const { lookout, looks, events } = await lookoutOver(DOWN, other, UP)
    await looks(2)
    expect(lookout.servers().map(({ server }) => server.node)).toEqual(['other'])
    await looks(1)
    expect(events.at(-1)).toMatchObject({ node: 'gateway', was: 'out', lastLookAt: 1000 })
  })
})

describe('a look that fails', () => {
  const blind = { kind: 'rotation-blind', balancer: 'b', since: 2000 }

  test('leaves what was seen before, and is written down once, until one succeeds', async () => {
    const { lookout, looks, events } = await lookoutOver(UP, NO_WORD, NO_WORD, UP)
    await looks(3)
    expect(lookout.servers()).toEqual([expect.objectContaining({ at: 1000 })])
    await looks(2)
    expect(events.slice(1)).toEqual([
      { ...blind, at: 2000, because: expect.stringMatching(/^b did not answer 'show stat.*closed without a word$/) },
      { ...blind, at: 4000, because: 'the looks before this one failed' },
    ])
  })

  test('and that nobody followed is written down at the end', async () => {
    const { lookout, looks, events } = await lookoutOver(UP, NO_WORD)
    await looks(3)
    await lookout.lookOn(OVER)
    expect(events.at(-1)).toEqual({ ...blind, at: 3000, because: 'still blind at the end' })
  })

  test('before the first that succeeds shows no server', async () => {
    const { lookout, looks } = await lookoutOver(NO_WORD)
    await looks(1)
    expect(lookout.servers()).toEqual([])
  })
})

test('who sees at the end writes nothing down of it', async () => {
  const { lookout, looks, events } = await lookoutOver(UP)
  await looks(1)
  await lookout.lookOn(OVER)
  expect(events).toEqual([expect.objectContaining({ kind: 'rotation' })])
})
