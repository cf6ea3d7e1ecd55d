// What the upstream echoes and what it remembers.
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seenIds } from './seen-ids.ts'
import { type RunningUpstream, startUpstream } from './upstream.ts'

let upstream: RunningUpstream

beforeEach(async () => {
  upstream = await startUpstream({ address: '127.0.0.1', echoPort: 0, seenPort: 0, rememberedIds: 1_000 })
})
afterEach(() => upstream.close())

const echo = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${upstream.ports.echo}${path}`, init)
const seen = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${upstream.ports.seen}/seen`)).json()

test('a call is echoed with its path, method and request id, and a known length', async () => {
  const answer = await echo('/orders?x=1', { headers: { 'X-Request-Id': 'r-1' } })
  const body = await answer.text()
  expect(answer.headers.get('content-length')).toBe(String(body.length))
  expect(JSON.parse(body)).toEqual({ path: '/orders?x=1', method: 'GET', requestId: 'r-1', bodyLength: 0 })
})

test('the answer names the peer that connected, whatever the call says of where it came from', async () => {
  const answer = await echo('/', { headers: { 'X-Forwarded-For': '10.0.0.9', 'X-Real-IP': '10.0.0.9' } })
  expect(answer.headers.get('x-firedrill-via')).toBe('127.0.0.1')
})

test('a body is echoed as its length and SHA-256', async () => {
  const answer = await (await echo('/', { method: 'POST', body: 'hello' })).json()
  const bodySha256 = createHash('sha256').update('hello').digest('hex')
  expect(answer).toEqual({ path: '/', method: 'POST', requestId: null, bodyLength: 5, bodySha256 })
})

test('delayMs holds the answer back', async () => {
  const beganAt = performance.now()
  await echo('/?delayMs=120')
  expect(performance.now() - beganAt).toBeGreaterThan(115)
})

test('an id that came twice is told as a duplicate, one that came once is not', async () => {
  for (const id of ['a', 'b', 'b', 'b']) await echo('/', { headers: { 'X-Request-Id': id } })
  await echo('/')
  expect(await seen()).toEqual({ requests: 5, distinct: 2, duplicates: ['b'], duplicateCount: 1 })
})

test('a POST that came twice is told apart from a GET that did, which a balancer may send again', async () => {
  const twice = { headers: { 'X-Request-Id': 'p' }, method: 'POST', body: 'x' }
  for (const each of [twice, twice]) await echo('/', each)
  for (const _ of [1, 2]) await echo('/', { headers: { 'X-Request-Id': 'g' } })
  const once = await (await fetch(`http://127.0.0.1:${upstream.ports.seen}/seen/once`)).json()
  expect(once).toEqual({ requests: 2, distinct: 1, duplicates: ['p'], duplicateCount: 1 })
  expect(await seen()).toEqual({ requests: 4, distinct: 2, duplicates: ['p', 'g'], duplicateCount: 2 })
})

test('beyond its size the oldest id is forgotten, and the newest is not', () => {
  const ids = seenIds(2)
  for (const id of ['a', 'b', 'c', 'c', 'a']) ids.note(id)
  expect(ids.tally().duplicates).toEqual(['c'])
})
