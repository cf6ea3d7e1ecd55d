// How long a token of etcd is kept, and that a failed attempt is not.
import { expect, test } from 'vitest'
import { etcdToken } from './etcd-token.ts'

const user = { name: 'root', password: 'secret' }

test('a token is asked for once, kept for three to four minutes, and then asked for again', async () => {
  const clock = { ms: 0 }
  const asked: string[] = []
  const authenticate = async (endpoint: string, body: string) => {
    asked.push(`${endpoint} ${body}`)
    return JSON.stringify({ token: `t${asked.length}` })
  }
  const token = etcdToken(user, authenticate, () => clock.ms)
  expect(await token.headers('http://a')).toEqual({ Authorization: 't1' })
  clock.ms = 179_999
  expect(await token.headers('http://b')).toEqual({ Authorization: 't1' })
  clock.ms = 240_000
  expect(await token.headers('http://b')).toEqual({ Authorization: 't2' })
  expect(asked).toEqual([
    'http://a {"name":"root","password":"secret"}',
    'http://b {"name":"root","password":"secret"}',
  ])
})

test('after a failed attempt the next call asks again', async () => {
  const answers = [Promise.reject(new Error('refused')), Promise.resolve('{"token":"t"}')]
  const token = etcdToken(user, () => answers.shift() ?? Promise.reject(new Error('asked too often')))
  await expect(token.headers('http://a')).rejects.toThrow('refused')
  expect(await token.headers('http://a')).toEqual({ Authorization: 't' })
})
