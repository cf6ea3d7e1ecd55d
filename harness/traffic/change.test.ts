import { describe, expect, test } from 'vitest'
import type { Event } from '../history/event.ts'
import type { Node } from '../topology/topology.ts'
import { followChange, type Mark, shows, unique } from './change.ts'
import type { InsideAnswer } from './inside.ts'

const view = (desc: string) => ({ status: 200, body: JSON.stringify({ value: { id: '1', desc } }) })
const answer = (value?: string) => ({ headers: value === undefined ? {} : { 'x-config': value } })
const described: Mark = { routeId: '1', description: 'new' }
const headed: Mark = { routeId: '1', answerHeader: { name: 'X-Config', value: '7', path: '/orders/42' } }

describe('whether a gateway shows a change', () => {
  test.each([
    ['the new description', described, view('new'), undefined, true],
    ['the old description', described, view('old'), undefined, false],
    ['no such route', described, { status: 404, body: '{}' }, undefined, false],
    ['the new header', headed, view('old'), answer('7'), true],
    ['another header value', headed, view('old'), answer('6'), false],
    ['no header', headed, view('old'), answer(), false],
    ['the header, but the old description', { ...described, ...headed }, view('old'), answer('7'), false],
    ['a deleted route that is gone', { routeId: '1', deleted: true }, { status: 404, body: '{}' }, undefined, true],
    [
      'a deleted route that is gone, and whose path is not there',
      { routeId: '1', deleted: true, goneAt: '/retired' },
      { status: 404, body: '{}' },
      { headers: {}, status: 404 },
      true,
    ],
    [
      'a deleted route that is gone, and whose path is answered',
      { routeId: '1', deleted: true, goneAt: '/retired' },
      { status: 404, body: '{}' },
      { headers: {}, status: 200 },
      false,
    ],
    ['a deleted route that is still there', { routeId: '1', deleted: true }, view('old'), undefined, false],
  ] as const)('%s: %#', (_, mark, seen, called, expected) => {
    expect(shows(mark, seen, called)).toBe(expected)
  })

  test('nobody can say of a view that was cut', () => {
    expect(() => shows(described, { ...view('new'), isCut: true })).toThrow('the answer was cut at 640 kB')
  })
})

const node = {
  name: 'data-plane-1',
  containers: [{ address: '10.0.0.1', ports: { control: { inside: 9090 }, http: { inside: 9080 } } }],
} as unknown as Node

/** A change at a gateway whose looks come to these, one after another, the last again and again; a look takes 1 ms, status 0 is no answer. */
const followed = (statuses: readonly number[], mark: Mark = { routeId: '1', deleted: true }) => {
  const events: Event[] = []
  let now = 0
  const callers = {
    get: async () => {
      const status = statuses[Math.min(now, statuses.length - 1)] ?? 0
      now += 1
      return { ok: status > 0, status, body: '{"value":{}}', headers: {} } as InsideAnswer
    },
  }
  const world = {
    callers,
    recorder: { record: (event: Event) => events.push(event) } as never,
    clock: { now: () => now },
    isIn: ({ name }: Node) => name === node.name,
  }
  const told = { id: 'change-1', by: 'operator', what: 'delete route 1' } as const
  return { change: followChange(world, told, { mark, outcome: 'accepted' }), events }
}

describe('whether a change remains', () => {
  test.each([
    ['gone', [404], true],
    ['back for a moment, and then gone again', [200, 404], false],
    ['not to be seen at first, and then gone', [0, 503, 404], true],
    ['not to be seen at first, and then back', [0, 200, 404], false],
    ['never to be seen', [0], false],
  ])('a deleted route that is %s', async (_, statuses, expected) => {
    const { change, events } = followed(statuses)
    expect(await change.remains([node], 4)).toBe(expected)
    expect(events).toMatchObject([{ observed: 'remains', outcome: expected ? 'seen' : 'ran-out' }])
  })

  test('a route that answers with an error shows nothing, and one that is missing is gone', async () => {
    const mark: Mark = { routeId: '1' }
    expect(await followed([500, 200], mark).change.remains([node], 10)).toBe(true)
    expect(await followed([404, 200], mark).change.remains([node], 10)).toBe(false)
  })

  test('is not said of a gateway that no balancer trusts, and that is written down', async () => {
    const { change, events } = followed([404])
    const out = { ...node, name: 'data-plane-2' }
    expect(await change.remains([node, out], 4)).toBe(true)
    expect(events).toMatchObject([{ nodes: ['data-plane-1'], outcome: 'seen', unlooked: ['data-plane-2'] }])
    expect(await change.remains([node], 4)).toBe(true)
    expect(events[1]).not.toHaveProperty('unlooked')
  })
})

test('the last look that did not see a change is one that was answered', async () => {
  const { change, events } = followed([200, 200, 0, 503, 404])
  expect(await change.reaches([node], 60)).toBe(true)
  expect(events[0]).toMatchObject({ stage: 'seen', at: 5, lastLookAt: 1 })
})

describe('a gateway whose workers are not of one mind', () => {
  /** Each fourth connection comes to the worker that has not taken the change. */
  const everyFourth = Array.from({ length: 400 }, (_, i) => (i % 4 === 3 ? 200 : 404))

  test('does not show a change that it shows at the first look', async () => {
    const { change, events } = followed(everyFourth)
    expect(await change.reaches([node], 200)).toBe(false)
    expect(events).toMatchObject([{ observed: 'reaches', outcome: 'ran-out', byTurns: ['data-plane-1'] }])
  })

  test('shows it once the last of them has taken it', async () => {
    const { change, events } = followed([...everyFourth.slice(0, 40), 404])
    expect(await change.reaches([node], 400)).toBe(true)
    expect(events).toMatchObject([{ stage: 'seen' }, { observed: 'reaches', outcome: 'seen' }])
    // Look 39 was the last without it, and is counted from 0.
    const [seen] = events as { at: number; lastLookAt: number }[]
    expect(seen?.at).toBe(41)
    expect(seen?.lastLookAt).toBeLessThanOrEqual(40)
    expect(seen?.lastLookAt).toBeGreaterThan(30)
  })

  test('has not kept a change that only some of them show', async () => {
    const { change, events } = followed(everyFourth)
    expect(await change.remains([node], 4)).toBe(false)
    expect(events).toMatchObject([{ observed: 'remains', outcome: 'ran-out', byTurns: ['data-plane-1'] }])
  })

  test('has not shown a change of which one look was answered, and none after it', async () => {
    const { change, events } = followed([404, 0])
    expect(await change.reaches([node], 40)).toBe(false)
    expect(events).toMatchObject([{ observed: 'reaches', outcome: 'ran-out' }])
    // Nobody saw it without the change: it does not waver.
    expect(events[0]).not.toHaveProperty('byTurns')
  })

  test('is not accused by looks that nobody answered', async () => {
    const { change, events } = followed([404, 0, 503, 404])
    expect(await change.reaches([node], 200)).toBe(true)
    expect(events).toMatchObject([{ stage: 'seen', at: 1 }, { outcome: 'seen' }])
  })
})

test('no two changes have the same words, so that what a deployment showed before is never taken for one', () => {
  const words = new Set(Array.from({ length: 100 }, () => unique('failed-over')))
  expect(words.size).toBe(100)
  expect([...words].every((each) => /^failed-over-[0-9a-f]{8}$/.test(each))).toBe(true)
})
