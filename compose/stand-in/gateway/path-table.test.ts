// Which of several routes takes a call.
import { expect, test } from 'vitest'
import { type Asked, type Entry, pathTable } from './path-table.ts'

const entry = (target: string, uri: string, more: Partial<Entry<string>> = {}): Entry<string> => ({
  key: target,
  uris: [uri],
  hosts: undefined,
  methods: undefined,
  priority: 0,
  target,
  ...more,
})
const asked = (path: string, more: Partial<Asked> = {}): Asked => ({
  path,
  host: 'any.example:9080',
  method: 'GET',
  ...more,
})

test('an exact path comes before a prefix, a longer prefix before a shorter one', () => {
  const table = pathTable([entry('all', '/*'), entry('a', '/a/*'), entry('ab', '/a/b/*'), entry('exact', '/a/b/c')])
  const found = ['/a/b/c', '/a/b/d', '/a/x', '/x', '/a'].map((path) => table.find(asked(path))?.target)
  expect(found).toEqual(['exact', 'ab', 'a', 'all', 'all'])
})

test('a prefix with a slash takes the path that ends there, and not the path without the slash', () => {
  const table = pathTable([entry('a', '/a/*')])
  expect([table.find(asked('/a/'))?.target, table.find(asked('/a'))]).toEqual(['a', undefined])
})

test('of one path the higher priority is taken', () => {
  const table = pathTable([entry('low', '/a'), entry('high', '/a', { priority: 10 })])
  expect(table.find(asked('/a'))?.target).toBe('high')
})

test('a route that does not take the method leaves the call to a shorter prefix', () => {
  const table = pathTable([entry('all', '/*'), entry('posts', '/a', { methods: ['POST'] })])
  expect(table.find(asked('/a'))?.target).toBe('all')
  expect(table.find(asked('/a', { method: 'POST' }))?.target).toBe('posts')
})

test('a route for the host comes before one for any host, an exact host before an ending', () => {
  const table = pathTable([
    entry('any', '/a'),
    entry('ending', '/*', { hosts: ['*.shop.example'] }),
    entry('host', '/*', { hosts: ['www.shop.example'] }),
  ])
  const hosts = ['www.shop.example:9080', 'WWW.shop.example', 'eu.shop.example', 'other.example']
  expect(hosts.map((host) => table.find(asked('/a', { host }))?.target)).toEqual(['host', 'host', 'ending', 'any'])
})

test('a call that no route takes finds nothing', () => {
  const table = pathTable([entry('host', '/a', { hosts: ['a.example'] })])
  expect(table.find(asked('/a'))).toBe(undefined)
})
