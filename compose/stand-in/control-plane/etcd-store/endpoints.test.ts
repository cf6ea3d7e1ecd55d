import { expect, test } from 'vitest'
import { endpointsOf } from './endpoints.ts'

const URLS = ['a', 'b', 'c']

test('the member that worked last is asked first, and the others in their order after it', () => {
  const endpoints = endpointsOf(URLS, () => 0)
  expect(endpoints.inOrder()).toEqual(['a', 'b', 'c'])
  endpoints.worked('b')
  expect(endpoints.inOrder()).toEqual(['b', 'c', 'a'])
})

test('a member that failed comes last for 10 s, though it worked before', () => {
  let nowMs = 0
  const endpoints = endpointsOf(URLS, () => nowMs)
  endpoints.worked('a')
  endpoints.failed('a')
  nowMs = 9_999
  expect(endpoints.inOrder()).toEqual(['b', 'c', 'a'])
  nowMs = 10_000
  expect(endpoints.inOrder()).toEqual(['a', 'b', 'c'])
})

test('where all failed, the one that failed longest ago is asked first', () => {
  let nowMs = 0
  const endpoints = endpointsOf(URLS, () => nowMs)
  for (const url of ['b', 'c', 'a']) {
    nowMs += 1_000
    endpoints.failed(url)
  }
  expect(endpoints.inOrder()).toEqual(['b', 'c', 'a'])
})
