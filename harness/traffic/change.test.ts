import { describe, expect, test } from 'vitest'
import { type Mark, shows } from './change.ts'

const view = (desc: string) => ({ status: 200, body: JSON.stringify({ value: { id: '1', desc } }) })
const answer = (value?: string) => ({ headers: value === undefined ? {} : { 'x-config': value } })
const described: Mark = { routeId: '1', description: 'new' }
const headed: Mark = { routeId: '1', answerHeader: { name: 'X-Config', value: '7', path: '/orders/42' } }

describe('whether a gateway shows a change', () => {
  test.each([
    ['the new description', described, view('new'), undefined, true],
    ['the old description', described, view('old'), undefined, false],
    ['no such route', described, { status: 404, body: '{}' }, undefined, false],
    ['the new header', headed, view('old'), answer('7'), true],
    ['another header value', headed, view('old'), answer('6'), false],
    ['no header', headed, view('old'), answer(), false],
    ['the header, but the old description', { ...described, ...headed }, view('old'), answer('7'), false],
    ['a deleted route that is gone', { routeId: '1', deleted: true }, { status: 404, body: '{}' }, undefined, true],
    ['a deleted route that is still there', { routeId: '1', deleted: true }, view('old'), undefined, false],
  ] as const)('%s: %#', (_, mark, seen, called, expected) => {
    expect(shows(mark, seen, called)).toBe(expected)
  })
})
