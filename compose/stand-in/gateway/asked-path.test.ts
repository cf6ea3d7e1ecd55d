// What a request line asks for.
import { expect, test } from 'vitest'
import { matchedPath, originForm } from './asked-path.ts'

test.each([
  ['/a/b?x=/../c', '/a/b'],
  ['/a//b', '/a/b'],
  ['/public/../admin', '/admin'],
  ['/public/%2e%2e/admin', '/admin'],
  ['/public%2F..%2Fadmin', '/admin'],
  ['/a/./b/.', '/a/b/'],
  ['/a/..', '/'],
  ['/.well-known/x', '/.well-known/x'],
  ['/caf%C3%A9', '/café'],
])('%s is matched as %s', (url, path) => {
  expect(matchedPath(url)).toBe(path)
})

test.each(['/..', '/a/../../b', '/%zz', '/a%00b'])('%s is matched as nothing', (url) => {
  expect(matchedPath(url)).toBe(undefined)
})

test('a whole URL is asked for by its path and query', () => {
  expect(originForm('http://shop.example/a?b=1')).toBe('/a?b=1')
  expect(originForm('/a?b=http://x')).toBe('/a?b=http://x')
})
