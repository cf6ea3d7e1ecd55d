import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSearch } from './echo-search.ts'

const found = (text: string, body: string, cuts: readonly number[]): boolean => {
  const search = createSearch(text)
  let rest = Buffer.from(body)
  for (const cut of cuts) {
    const chunk = Buffer.from(rest.subarray(0, cut))
    search.feed(chunk)
    // The parser gives the same memory to the next chunk.
    chunk.fill(0)
    rest = rest.subarray(cut)
  }
  search.feed(rest)
  return search.found()
}

test('a text is found exactly where the body holds it, however the body is cut', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '"'), maxLength: 12 })
  const wanted = fc.string({ unit: fc.constantFrom('a', 'b', '"'), minLength: 1, maxLength: 5 })
  const cuts = fc.array(fc.nat(4), { maxLength: 20 })
  fc.assert(
    fc.property(letters, wanted, letters, fc.boolean(), cuts, (before, text, after, isThere, at) => {
      const body = `${before}${isThere ? text : ''}${after}`
      expect(found(text, body, at)).toBe(body.includes(text))
    }),
    { numRuns: 500 },
  )
})

test('another call is not taken for this one because its id begins alike', () => {
  expect(found('"requestId":"r.new.1"', '{"requestId":"r.new.17"}', [])).toBe(false)
  expect(found('"requestId":"r.new.17"', '{"requestId":"r.new.17"}', [15])).toBe(true)
})
