import { expect, test } from 'vitest'
import { subnetFrom } from './subnet.ts'

test.each([
  [undefined, '10.213.77'],
  ['', '10.213.77'],
  ['10.99.0', '10.99.0'],
  ['10.99.0.0/24', '10.99.0'],
])('FIREDRILL_SUBNET %s is %s', (asked, expected) => {
  expect(subnetFrom({ FIREDRILL_SUBNET: asked })).toBe(expected)
})

test.each(['10.99', '10.99.0.0/16', '10.99.300', 'ten', '10.99.0.5'])(
  'FIREDRILL_SUBNET %s is refused with what is expected',
  (asked) => {
    expect(() => subnetFrom({ FIREDRILL_SUBNET: asked })).toThrow(/expected three octets or a \/24/)
  },
)
