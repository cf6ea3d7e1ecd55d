import { expect, test } from 'vitest'
import { publishedBy } from './published.ts'
import { changeBy } from './route-change.ts'
import { smallAdminApi } from './small-admin-api.fixture.ts'

const PATCH = 'PATCH /apisix/admin/routes/1'
const READ_AND_PUT = ['GET /apisix/admin/routes/1', 'PUT /apisix/admin/routes/1']

const route = { name: 'orders', service_id: '7', paths: ['/orders'], desc: 'before', labels: { team: 'shop' } }

const changing = (given: Parameters<typeof smallAdminApi>[0] = {}) => {
  const admin = smallAdminApi({ routes: [route], ...given })
  const requests = () => admin.asked.filter((each) => each.includes('/routes/'))
  return { ...admin, requests, change: changeBy(publishedBy(admin.api)) }
}

test('a route is changed by JSON Patch where that is taken, and by nothing else', async () => {
  const { change, requests, all } = changing()
  const answer = await change('1', { description: 'after', answerHeader: { name: 'X-Config', value: 'new' } })
  expect(answer.status).toBe(200)
  expect(all('routes')).toMatchObject([
    { ...route, desc: 'after', plugins: { 'response-rewrite': { headers: { set: { 'X-Config': 'new' } } } } },
  ])
  expect(requests()).toEqual([PATCH])
})

test('where it is refused, the route is written back with what is different in it, and so from then on', async () => {
  const { change, requests, all } = changing({ takesJsonPatch: false })
  expect((await change('1', { description: 'after' })).status).toBe(200)
  expect((await change('1', { answerHeader: { name: 'X-Config', value: 'new' } })).status).toBe(200)
  expect(all('routes')).toMatchObject([
    { ...route, desc: 'after', plugins: { 'response-rewrite': { headers: { set: { 'X-Config': 'new' } } } } },
  ])
  expect(requests()).toEqual([PATCH, ...READ_AND_PUT, ...READ_AND_PUT])
})

test('what the Admin API adds to a route is not written back', async () => {
  const { api } = changing({ takesJsonPatch: false })
  const written: unknown[] = []
  const call: typeof api.call = (method, path, body) => {
    if (method === 'PUT') written.push(body)
    return api.call(method, path, body)
  }
  await changeBy(publishedBy({ ...api, call }))('1', { description: 'after' })
  expect(written).toEqual([{ ...route, desc: 'after' }])
})

test('a route that nobody reads is not written: what was said of it is the answer', async () => {
  const { api } = changing({ takesJsonPatch: false })
  const asked: string[] = []
  const call: typeof api.call = async (method, path, body) => {
    if (path.includes('/routes/')) asked.push(method)
    return method === 'GET' && path.includes('/routes/')
      ? { status: 503, body: {}, node: null }
      : api.call(method, path, body)
  }
  expect((await changeBy(publishedBy({ ...api, call }))('1', { description: 'after' })).status).toBe(503)
  expect(asked).toEqual(['PATCH', 'GET'])
})

test.each([500, 503, 403])(
  'a JSON Patch that is answered %i was understood: nothing else is asked for',
  async (status) => {
    const { api, asked } = changing()
    const call: typeof api.call = async (method, path, body) =>
      method === 'PATCH' ? { status, body: {}, node: null } : api.call(method, path, body)
    const answer = await changeBy(publishedBy({ ...api, call }))('1', { description: 'after' })
    expect([answer.status, asked.filter((each) => each.includes('/routes/'))]).toEqual([status, []])
  },
)

test('where the whole route is refused as well, the JSON Patch is tried again the next time', async () => {
  const { api } = changing()
  const asked: string[] = []
  const call: typeof api.call = async (method, path, body) => {
    if (path.includes('/routes/')) asked.push(method)
    return method === 'PATCH' || method === 'PUT' ? { status: 400, body: {}, node: null } : api.call(method, path, body)
  }
  const change = changeBy(publishedBy({ ...api, call }))
  expect([(await change('1', { description: 'x' })).status, (await change('1', { description: 'x' })).status]).toEqual([
    400, 400,
  ])
  expect(asked).toEqual(['PATCH', 'GET', 'PUT', 'PATCH', 'GET', 'PUT'])
})
