import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EtcdCluster, HAS_NO_ETCD, startEtcd } from '../etcd.fixture.ts'
import { EtcdRejectedError, etcdClient } from './etcd-client.ts'
import { keyRange } from './messages.ts'

describe.skipIf(HAS_NO_ETCD)('a client of an etcd that asks for a password', () => {
  let etcd: EtcdCluster
  const client = (password: string) => etcdClient({ endpoints: etcd.urls, username: 'root', password })

  beforeAll(async () => {
    etcd = await startEtcd()
    const root = etcdClient({ endpoints: etcd.urls })
    const ask = (path: string, body: object) => root.repeat(path, body, performance.now() + 5_000)
    await ask('/v3/auth/user/add', { name: 'root', password: 'right' })
    await ask('/v3/auth/role/add', { name: 'root' })
    await ask('/v3/auth/user/grant', { user: 'root', role: 'root' })
    await ask('/v3/auth/enable', {})
    await root.close()
  }, 20_000)
  afterAll(async () => await etcd.remove())

  test('is let in with the right one, also after etcd has forgotten its token', async () => {
    const right = client('right')
    expect(await right.range(keyRange('/x'))).toEqual({ entries: [], count: 0 })
    // A change of the password, if only to the same, makes etcd forget every token of the user.
    await right.repeat('/v3/auth/user/changepw', { name: 'root', password: 'right' }, performance.now() + 5_000)
    expect(await right.range(keyRange('/x'))).toEqual({ entries: [], count: 0 })
    await right.close()
  })

  test('is told what etcd says of a wrong one, and nothing of the password', async () => {
    const wrong = client('a-secret-that-is-wrong')
    const error: unknown = await wrong.range(keyRange('/x')).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(EtcdRejectedError)
    expect(String(error)).toContain('invalid user ID or password')
    expect(String(error)).not.toContain('a-secret')
    await wrong.close()
  })
})
