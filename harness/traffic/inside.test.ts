import { expect, test } from 'vitest'
import { jsonOf } from './inside.ts'

test('an answer that was cut says that, and not at which position its JSON ends', () => {
  expect(jsonOf({ body: '[1]' })).toEqual([1])
  expect(() => jsonOf({ body: '[1', isCut: true })).toThrow('the answer was cut at 640 kB')
  // What was cut may still be whole by chance, and says less than there is.
  expect(() => jsonOf({ body: '1', isCut: true })).toThrow('the answer was cut at 640 kB')
  expect(() => jsonOf({ body: '[1' })).toThrow(SyntaxError)
})
