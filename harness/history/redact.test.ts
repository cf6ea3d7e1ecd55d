import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor, redactedJson } from './redact.ts'

const CANARY = 'c4n+ry/"p w\\d&é='

describe('a known secret', () => {
  const redactor = createRedactor([CANARY])
  const forms: Readonly<Record<string, string>> = {
    plain: CANARY,
    'URL-encoded': encodeURIComponent(CANARY),
    'form-encoded': new URLSearchParams({ p: CANARY }).toString(),
    'in JSON': JSON.stringify({ p: CANARY }),
    'in JSON in JSON': JSON.stringify(JSON.stringify({ p: CANARY })),
    base64: Buffer.from(CANARY).toString('base64'),
    base64url: Buffer.from(CANARY).toString('base64url'),
    'base64 of user:password': Buffer.from(`admin:${CANARY}`).toString('base64'),
    'base64 of x:password:y': Buffer.from(`xy:${CANARY}:zz`).toString('base64'),
  }
  test.each(Object.entries(forms))('is taken out %s', (_, form) => {
    const told = redactor.text(`before ${form} after`)
    expect(told).toMatch(/^before .*\[redacted\].* after$/)
    for (const piece of [CANARY, form.replace(/^.*?:"?|"?}$/g, '')]) expect(told).not.toContain(piece)
  })

  test('that is learnt later is taken out from then on', () => {
    const learning = createRedactor()
    expect(learning.text('id=swordfish')).toBe('id=swordfish')
    learning.add('swordfish')
    expect(learning.text('id=swordfish')).toBe('id=[redacted]')
  })

  test('that contains another goes whole', () => {
    expect(createRedactor(['abcd', 'abcdefgh']).text('x abcdefgh y')).toBe('x [redacted] y')
  })

  test('of fewer than four characters is none', () => {
    expect(createRedactor(['', 'a', 'abc', '"""']).text(`abc a ${JSON.stringify('"""')}`)).toBe(
      `abc a ${JSON.stringify('"""')}`,
    )
  })
})

describe('what looks like a secret is taken out', () => {
  const { text } = createRedactor()
  test.each([
    ['cookie: a7session=s3cr3t; theme=s3cr3t'],
    ['Set-Cookie: a7session=s3cr3t; Path=/; HttpOnly'],
    ['set-cookie: a="x"; b=s3cr3t'],
    ['Authorization: Bearer s3cr3t'],
    ['authorization: Basic s3cr3t=='],
    ['X-API-KEY: s3cr3t'],
    ['{"cookie":"a=\\"s3cr3t\\"; b=s3cr3t"}'],
    ['{"headers":{"set-cookie":["a=s3cr3t","b=s3cr3t"]}}'],
    ['{"password": "s3cr3t"}'],
    [JSON.stringify({ body: JSON.stringify({ username: 'admin', password: 's3cr3t' }) })],
    [JSON.stringify({ body: JSON.stringify({ body: JSON.stringify({ Authorization: 'Bearer s3cr3t' }) }) })],
    ["{ cookie: 'a=s3cr3t', 'set-cookie': [ 'b=s3cr3t', 'c=s3cr3t' ] }"],
    ['{"text":"got cookie: a=s3cr3t"}'],
    ['postgres://api7:s3cr3t@database:5432/api7ee?sslmode=disable'],
    ['host=database user=api7 password=s3cr3t dbname=api7ee'],
    ["PGPASSWORD=s3cr3t psql 'x'"],
    ["password='s3cr3t s3cr3t'"],
    ['GET /?a=1&a7session=s3cr3t&b=2'],
    ['token a7ee-s3cr3t and a7adm-s3cr3t'],
  ])('%s', (line) => {
    expect(text(line)).not.toContain('s3cr3t')
    expect(text(line)).toContain('[redacted]')
  })

  test('and what stands beside it stays', () => {
    expect(text('postgres://api7:x1y2@database:5432/api7ee')).toBe('postgres://[redacted]@database:5432/api7ee')
    expect(text('a7session=abc; Path=/')).toBe('a7session=[redacted]; Path=/')
    expect(text('{"cookie":"a=b","status":200}')).toBe('{"cookie":"[redacted]","status":200}')
    expect(text('cookie: a=b\r\nhost: gateway')).toBe('cookie: [redacted]\r\nhost: gateway')
  })

  test.each([
    ['GET http://10.0.0.1:9080/orders 200'],
    ['data-plane-1 is UP, reason: Layer7 check passed'],
    ['the operator signs in with a password'],
    ['mail to ops@example.com'],
    ['{"lane":"new","rate":200}'],
  ])('and innocent text stays: %s', (line) => {
    expect(text(line)).toBe(line)
  })

  test('twice gives what once gives', () => {
    const once = text('cookie: a=b; c=d password=xyzw postgres://a:b@c a7ee-x1')
    expect(text(once)).toBe(once)
  })
})

test('redacted JSON parses, and holds no secret, whatever the secret and whatever the value', () => {
  const key = fc.constantFrom('cookie', 'because', 'Set-Cookie', 'said', 'password')
  const secret = fc.string({
    minLength: 4,
    maxLength: 12,
    unit: fc.constantFrom('A', '7', '"', '\\', '%', 'é', '\n', '/', '=', '{'),
  })
  const innocent = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ':', "'") })
  fc.assert(
    fc.property(secret, key, innocent, innocent, (hidden, name, before, after) => {
      const value = {
        kind: 'step',
        [name]: `${before}${hidden}${after}`,
        deep: [{ [name]: [hidden] }, JSON.stringify([hidden])],
      }
      const told = JSON.parse(redactedJson(value, createRedactor([hidden]))) as Record<string, unknown>
      expect(Object.keys(told)).toEqual(Object.keys(value))
      expect(told[name]).not.toContain(hidden)
      expect(JSON.stringify(told.deep)).not.toContain(JSON.stringify(hidden).slice(1, -1))
    }),
  )
})

test('a secret that is a word of our own takes no event out of the record', () => {
  const redactor = createRedactor(['write', 'pass', 'data-plane'])
  const event = {
    kind: 'write',
    stage: 'sent',
    role: 'data-plane',
    because: 'whose write is wrong',
    id: 'write-1',
  }
  expect(JSON.parse(redactedJson(event, redactor))).toEqual({
    ...event,
    because: 'whose [redacted] is wrong',
    id: '[redacted]-1',
  })
  // What is no such word is taken out under any name.
  expect(redactedJson({ kind: 'Bearer write' }, redactor)).not.toContain('write')
})

test('a value under a name that says secret is taken out of JSON whole', () => {
  expect(redactedJson({ cookie: ['a=b', 'c=d'], password: 12345, authorization: null, at: 3 }, createRedactor())).toBe(
    '{"cookie":"[redacted]","password":"[redacted]","authorization":null,"at":3}',
  )
})
