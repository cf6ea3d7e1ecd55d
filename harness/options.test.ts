import { expect, test } from 'vitest'
import { createRedactor } from './history/redact.ts'
import { secretsOf } from './options.ts'

test('a password of the team’s is taken out of what is written however short a redactor may take it, and the vendor’s own word is not', () => {
  const redactor = (password: string) => createRedactor(secretsOf({ FIREDRILL_ADMIN_PASSWORD: password }))
  expect(redactor('s3cr!').text('signed in with s3cr!')).toBe('signed in with [redacted]')
  expect(redactor('admin').text('the admin signed in')).toBe('the admin signed in')
})
