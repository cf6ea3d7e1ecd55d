import { expect, test } from 'vitest'
import { replacementAddress } from './replacement.ts'

test('a listed address has its replacement in the half that lists none, and back', () => {
  expect(replacementAddress('10.213.77.41')).toBe('10.213.77.214')
  expect(replacementAddress('10.213.77.214')).toBe('10.213.77.41')
})

test('no address is its own replacement, and no two have the same', () => {
  const hosts = Array.from({ length: 254 }, (_, i) => `10.0.0.${i + 1}`)
  const replaced = hosts.map(replacementAddress)
  expect(new Set(replaced)).toEqual(new Set(hosts))
  expect(replaced.filter((address, i) => address === hosts[i])).toEqual([])
})
