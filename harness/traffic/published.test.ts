import { expect, test } from 'vitest'
import { publishedBy } from './published.ts'
import { smallAdminApi } from './small-admin-api.fixture.ts'

const GROUP_ID = '5b6a1c1e-0b7b-4e3c-9d53-2f2a8d0f6d11'

test('the group is looked for by its name once, and everything is asked about by its id', async () => {
  const admin = smallAdminApi({ services: [{ name: 'orders' }], routes: [{ name: 'orders' }], groupId: GROUP_ID })
  const published = publishedBy(admin.api)
  expect(await published.group()).toBe(GROUP_ID)
  expect([await published.services(), await published.routes('1')]).toMatchObject([
    [{ name: 'orders' }],
    [{ name: 'orders' }],
  ])
  expect((await published.call('GET', 'routes/1')).status).toBe(200)
  expect(admin.asked.filter((each) => each === 'GET /api/gateway_groups')).toHaveLength(1)
})

test('a group that nobody told is looked for again, and one that is not there is named beside those that are', async () => {
  const answers = [
    { status: 503, body: {} },
    { status: 200, body: { list: [{ id: '7', name: 'blue' }] } },
  ]
  const { api } = smallAdminApi()
  const published = publishedBy({
    ...api,
    call: async () => ({ status: 500, body: {}, node: null, ...answers.shift() }),
  })
  await expect(published.services()).rejects.toThrow('would not list gateway groups: status 503')
  await expect(published.services()).rejects.toThrow("There is no gateway group 'default': there are blue.")
})

test('where nobody knows of groups everything is asked about by the name', async () => {
  const { api } = smallAdminApi()
  const asked: string[] = []
  const published = publishedBy({
    ...api,
    call: async (_, path) => {
      asked.push(path)
      return { status: path.startsWith('/api/gateway_groups') ? 404 : 200, body: { list: [] }, node: null }
    },
  })
  expect(await published.services()).toEqual([])
  expect(asked.at(-1)).toContain('gateway_group_id=default')
})
