import { expect, test } from 'vitest'
import { provision } from './provision.ts'
import { publishedBy } from './published.ts'
import { smallAdminApi } from './small-admin-api.fixture.ts'

const upstream = { host: '10.0.0.50', port: 8080 }

test('where nothing is there, the service of callers is made with their upstream, and their route of that service', async () => {
  const admin = smallAdminApi({ services: [{ name: 'billing' }] })
  await provision(publishedBy(admin.api), upstream)
  expect(admin.all('services').at(-1)).toMatchObject({
    id: '2',
    name: 'orders',
    upstream: { nodes: [{ host: '10.0.0.50', port: 8080, weight: 100 }] },
  })
  expect(admin.all('routes')).toMatchObject([{ name: 'orders', service_id: '2', paths: ['/orders', '/orders/*'] }])
})

test('what is there stays as it is', async () => {
  const admin = smallAdminApi({ services: [{ name: 'orders' }], routes: [{ name: 'orders', service_id: '1' }] })
  await provision(publishedBy(admin.api), upstream)
  expect(admin.asked.filter((each) => !each.startsWith('GET '))).toEqual([])
})
