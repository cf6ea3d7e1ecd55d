// What response-rewrite does to the headers of an answer.
import { expect, test } from 'vitest'
import { responseRewrite } from './response-rewrite.ts'

function rewritten(headers: object): readonly string[] {
  const flat = ['Server', 'nginx', 'X-A', '1', 'X-B', '2']
  responseRewrite({ 'response-rewrite': { headers } })?.(flat)
  return flat
}

test('set replaces a header whatever its case, and adds one that was not there', () => {
  expect(rewritten({ set: { 'x-a': 'new', 'X-C': 3 } })).toEqual([
    'Server',
    'nginx',
    'X-B',
    '2',
    'x-a',
    'new',
    'X-C',
    '3',
  ])
})

test('add keeps what is there, remove takes it away', () => {
  expect(rewritten({ add: ['X-A: more: yes'], remove: ['X-B'] })).toEqual([
    'Server',
    'nginx',
    'X-A',
    '1',
    'X-A',
    'more: yes',
  ])
})

test('a plain map sets', () => {
  expect(rewritten({ 'X-A': 'new' })).toEqual(['Server', 'nginx', 'X-B', '2', 'X-A', 'new'])
})

test('without the plugin, or without headers in it, there is nothing to do', () => {
  expect(responseRewrite({})).toBe(undefined)
  expect(responseRewrite({ 'response-rewrite': {} })).toBe(undefined)
})

test('what the stand-in cannot do, or resolve, is refused and not left out', () => {
  expect(() => responseRewrite({ 'response-rewrite': { body: 'x' } })).toThrow('its response-rewrite has body')
  expect(() => rewritten({ set: { 'X-A': '$request_id' } })).toThrow('header X-A has a variable')
  expect(responseRewrite({ 'response-rewrite': { body: 'x', _meta: { disable: true } } })).toBe(undefined)
})
