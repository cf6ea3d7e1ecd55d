import { expect, test } from 'vitest'
import { addedAuthorities } from './base-debian.ts'

const certificate = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`

test('only the authorities that plain Debian lacks are added, each once', () => {
  const bundle = certificate('public1') + certificate('public2')
  const trusted = `# here\n${certificate('public2')}${certificate('company')}${certificate('com\npany')}${certificate('public1')}`
  expect(addedAuthorities(bundle, trusted)).toEqual([certificate('company')])
})

test('a machine that trusts no more than Debian adds nothing', () => {
  expect(addedAuthorities(certificate('public'), certificate('public'))).toEqual([])
})
