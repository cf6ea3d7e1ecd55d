import { describe, expect, test } from 'vitest'
import { type Event, eventsOf } from '../history/event.ts'
import { clockSince } from '../time/clock.ts'
import type { Node } from '../topology/topology.ts'
import type { AdminAnswer, AdminApi } from './admin-api.ts'
import { createOperator } from './operator.ts'
import { publishedBy } from './published.ts'
import { smallAdminApi } from './small-admin-api.fixture.ts'

type Method = Parameters<AdminApi['call']>[0]
type Said = number | Error

/** An Admin API that has these; what `said` has for a method it says instead, once each. */
const adminOf = ({ services = ['orders'], routes = ['orders'] } = {}) => {
  const said: Partial<Record<Method, Said[]>> = {}
  const asked: { readonly method: Method; readonly path: string; readonly body?: unknown }[] = []
  const call: AdminApi['call'] = async (method, path, body) => {
    if (path.startsWith('/api/gateway_groups'))
      return { status: 200, body: { list: [{ id: 'default', name: 'default' }] }, node: null }
    const error = said[method]?.shift()
    if (error instanceof Error) throw error
    asked.push({ method, path, body })
    const named = (names: readonly string[]) => names.map((name) => ({ id: `id-of-${name}`, name }))
    const answered = error === undefined ? { list: named(path.includes('/services') ? services : routes) } : {}
    return { status: error ?? 200, body: { error_msg: 'so it is', ...answered }, node: null } satisfies AdminAnswer
  }
  return { said, asked, api: { call, signIn: async () => {}, cookie: () => '' } satisfies AdminApi }
}

const gateway = {
  name: 'data-plane-1',
  containers: [{ address: '10.0.0.1', ports: { control: { inside: 9090 }, http: { inside: 9080 } } }],
} as unknown as Node

const operatorOn = (api: AdminApi) => {
  const events: Event[] = []
  const looks: string[] = []
  const operator = createOperator(publishedBy(api), {
    callers: {
      get: async (url) => {
        looks.push(url)
        return { ok: true, status: 404, headers: {}, body: '{}', from: 0, to: 0 }
      },
    },
    recorder: { record: (event: Event) => void events.push(event) } as never,
    clock: clockSince(),
    isIn: () => true,
  })
  const told = () => eventsOf(events, 'change').map(({ what, stage, because }) => [what, stage, because])
  const statuses = () => eventsOf(events, 'change').map(({ status }) => status)
  return { operator, told, statuses, looks }
}

const ACTS = [
  ['change', 'change route orders', (operator) => operator.changeRoute('orders', { description: 'x' })],
  ['delete', 'delete route orders', (operator) => operator.deleteRoute('orders')],
  ['create', 'create route more', (operator) => operator.createRoute('more', '/more')],
] as const satisfies readonly (readonly [
  string,
  string,
  (operator: ReturnType<typeof operatorOn>['operator']) => unknown,
])[]

test('a change that nobody could see is refused before it is asked for, and nothing is written down', async () => {
  const { api, asked } = adminOf({ routes: ['orders', 'shop'] })
  const { operator, told } = operatorOn(api)
  const answerHeader = { name: 'X-Config', value: 'new' }
  await expect(operator.changeRoute('shop', { answerHeader })).rejects.toMatchObject({
    code: 'ERR_UNSEEN_CHANGE',
    message: expect.stringMatching(/callers ask for 'orders' alone/),
  })
  await expect(operator.changeRoute('orders', {})).rejects.toMatchObject({ code: 'ERR_NO_CHANGE' })
  expect([asked, told()]).toEqual([[], []])
})

describe.each(ACTS)('an act that is to %s a route', (_, what, act) => {
  test('is written down and returned as not answered where nobody answers what it is about, and no gateway shows it', async () => {
    const { api, said, asked } = adminOf()
    const { operator, told, looks } = operatorOn(api)
    said.GET = [new Error('nobody answered within 8 s')]
    const change = await act(operator)
    expect(told()).toEqual([
      [what, 'sent', undefined],
      [what, 'unknown', 'it was not asked for: nobody answered within 8 s'],
    ])
    expect(asked).toEqual([])
    // A gateway without the route would show that it is gone; nobody asked for that.
    expect([change.outcome, await change.reaches([gateway], 5000), await change.remains([gateway], 5000)]).toEqual([
      'unknown',
      false,
      false,
    ])
    expect(looks).toEqual([])
  })

  test('is written down and returned as refused where the Admin API would not say what it is about', async () => {
    const { api, said } = adminOf()
    const { operator, told } = operatorOn(api)
    said.GET = [503]
    expect((await act(operator)).outcome).toBe('refused')
    expect(told()[1]).toEqual([
      what,
      'refused',
      expect.stringContaining('it was not asked for: The Admin API would not list services: status 503 (so it is)'),
    ])
  })

  test('is told by what comes of the request itself where that is known', async () => {
    const { api, said } = adminOf()
    const { operator, told, statuses } = operatorOn(api)
    ;[said.PATCH, said.PUT, said.DELETE] = [[500], [500], [500]]
    expect((await act(operator)).outcome).toBe('unknown')
    expect((await act(operator)).outcome).toBe('accepted')
    expect(told().map(([, stage]) => stage)).toEqual(['sent', 'unknown', 'sent', 'accepted'])
    expect(statuses()).toEqual([undefined, 500, undefined, undefined])
  })
})

test('a route is made under the service that callers ask for, and where there is none it is not made at all', async () => {
  const { api, asked } = adminOf()
  await operatorOn(api).operator.createRoute('more', '/more')
  expect(asked.at(-1)).toMatchObject({ method: 'PUT', body: { service_id: 'id-of-orders', paths: ['/more'] } })

  const without = adminOf({ services: ['billing', 'stock'] })
  const { operator, told } = operatorOn(without.api)
  const refusal = /There is no service 'orders' .*: there are billing, stock\. \[ERR_NO_SERVICE\]/
  await expect(operator.createRoute('more', '/more')).rejects.toThrow(refusal)
  await expect(operator.writer()).rejects.toThrow(refusal)
  expect(told().map(([, stage]) => stage)).toEqual(['sent', 'refused'])
  expect(without.asked.filter(({ method }) => method !== 'GET')).toEqual([])
})

test('a route that is not there is refused with those that are, and that is on record', async () => {
  const { operator, told } = operatorOn(adminOf().api)
  await expect(operator.deleteRoute('retired')).rejects.toThrow("There is no route 'retired': there are orders.")
  expect(told().map(([, stage]) => stage)).toEqual(['sent', 'refused'])
})

test('a route’s id is known until it is deleted, and no longer than that', async () => {
  const { api, said, asked } = adminOf()
  const { operator } = operatorOn(api)
  const reads = (): number => asked.filter(({ method }) => method === 'GET').length
  said.DELETE = [503, 404]
  await operator.deleteRoute('orders')
  const once = reads()
  await operator.deleteRoute('orders')
  await operator.deleteRoute('orders')
  // A delete that nobody took leaves a route that somebody may want to change while no list can be read.
  expect(reads()).toBe(once)
  await operator.deleteRoute('orders')
  expect(reads()).toBeGreaterThan(once)
})

test('a change that took more than one request is one on record, accepted when the last of them was answered', async () => {
  const { api } = smallAdminApi({ services: [{ name: 'orders' }], routes: [{ name: 'orders' }], takesJsonPatch: false })
  const toldBefore: unknown[] = []
  const call: AdminApi['call'] = (method, path, body) => {
    if (method === 'PUT') toldBefore.push(...told())
    return api.call(method, path, body)
  }
  const { operator, told } = operatorOn({ ...api, call })
  expect(await operator.changeRoute('orders', { description: 'x' })).toMatchObject({ outcome: 'accepted' })
  const sent = ['change route orders', 'sent', undefined]
  expect(toldBefore).toEqual([sent])
  expect(told()).toEqual([sent, ['change route orders', 'accepted', undefined]])
})
