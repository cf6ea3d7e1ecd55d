import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CREDENTIAL, secretsIn } from './mix.ts'
import { readMix } from './read-mix.ts'

const folder = mkdtempSync(join(tmpdir(), 'firedrill-mix-'))
const written = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
const read = (value: unknown) => readMix(written('calls.json', JSON.stringify(value)))

test.each([
  ['profile', [{ path: '/orders/42' }]],
  ['HAR', { log: { entries: [{ request: { method: 'GET', url: 'http://a/orders/42' }, response: { status: 200 } }] } }],
  ['OpenAPI', { openapi: '3.0.3', paths: { '/orders/42': { get: {} } } }],
])('a %s is known by what it holds', async (kind, value) => {
  expect(await read(value)).toMatchObject({ kind, name: 'calls.json', requests: [{ path: '/orders/42' }] })
})

test('a description may be YAML', async () => {
  const file = written('shop.yaml', 'openapi: 3.0.3\npaths:\n  /orders:\n    get: { responses: { 200: {} } }\n')
  expect(await readMix(file)).toMatchObject({ kind: 'OpenAPI', requests: [{ path: '/orders', expectStatuses: [200] }] })
})

test('a file with a byte order mark, as Windows writes them, is read as one without', async () => {
  const json = JSON.stringify([{ path: '/orders/42' }])
  expect(await readMix(written('mark.json', `\uFEFF${json}`))).toMatchObject({ kind: 'profile' })
  const yaml = 'openapi: 3.0.3\npaths: { /orders: { get: {} } }\n'
  expect(await readMix(written('mark.yaml', `\uFEFF${yaml}`))).toMatchObject({ kind: 'OpenAPI' })
})

test.each([
  [{ swagger: '2.0' }, /its kind: expected a profile \(a list\), a HAR file .*, got "swagger 2\.0"/],
  [{ calls: [] }, /its kind: expected .*, got \["calls"\]/],
  [[], /profile: expected 1 to 200 requests to make, got 0/],
  [Array.from({ length: 201 }, () => ({ path: '/' })), /profile: expected 1 to 200 requests to make, got 201/],
  [
    { openapi: '3.0.3', paths: { '/{x}': { get: {} } } },
    /OpenAPI: expected 1 to 200 requests to make \(GET \/\{x\} was left out: its path names .*\), got 0/,
  ],
])('%j holds nothing that callers can ask for', async (value, because) => {
  await expect(read(value)).rejects.toThrow(because)
  await expect(read(value)).rejects.toMatchObject({ name: 'ScenarioError', code: 'ERR_CALLS' })
})

test('a file that is not there, or is neither JSON nor YAML, is told without its text', async () => {
  await expect(readMix(join(folder, 'none.json'))).rejects.toThrow(
    /none\.json cannot be read \(ENOENT\)\. \[ERR_CALLS\]$/,
  )
  const odd = written('odd.json', '[{ "token": s3cret }]')
  await expect(readMix(odd)).rejects.toThrow(/^--calls \S+odd\.json is neither JSON nor YAML\. \[ERR_CALLS\]$/)
  const cut = written('cut.json', '[{\n  "token": "s3cret",\n')
  await expect(readMix(cut)).rejects.toThrow(
    /^--calls \S+cut\.json is neither JSON nor YAML \(line 3 column 1\)\. \[ERR_CALLS\]$/,
  )
  const indented = written('odd.yaml', 'token: s3cret\n  path: /a\n- b')
  await expect(readMix(indented)).rejects.toThrow(
    /^--calls \S+odd\.yaml is neither JSON nor YAML \(line \d, column \d+\)\. \[ERR_CALLS\]$/,
  )
})

test('credentials in headers and queries are secrets, whole and in parts; other values are none', async () => {
  const headers = { authorization: 'Bearer abcdefgh1', cookie: 'sid=abcdefgh2; theme=dark', accept: 'application/json' }
  const path = '/orders?access_token=abcdefgh3&customer=12345678'
  const secrets = secretsIn(await read([{ path, headers }]))
  for (const secret of ['Bearer abcdefgh1', 'abcdefgh1', 'abcdefgh2', 'abcdefgh3']) expect(secrets).toContain(secret)
  expect(secrets.join()).not.toMatch(/Bearer,|^dark|json|12345678/)
})

test.each(
  'Authorization X-Auth authToken X-AuthToken access_token accessToken accesstoken id_token idToken clientSecret x-api-key apiKey X-Amz-Signature sig pwd sessionId JSESSIONID PHPSESSID X-Session-Id Cookie'.split(
    ' ',
  ),
)('%s is the name of a credential, however it is written', (name) => {
  expect(CREDENTIAL.test(name)).toBe(true)
})

test.each(['Accept', 'author', 'design', 'X-Forwarded-For', 'sec-fetch-mode', 'obsession', 'tokenizer'])(
  '%s is none',
  (name) => {
    expect(CREDENTIAL.test(name)).toBe(false)
  },
)

test('a secret in a query is learnt as it is written there and as it reads, also behind a second question mark, and a short one too', async () => {
  const paths = ['/o?sig=ab%2bcd%2fef%3d', '/o?next=/a?b=c&token=abc/def+ghi==', '/o?api_key=a1b2c']
  const secrets = secretsIn(await read(paths.map((path) => ({ path }))))
  expect(secrets).toEqual(
    expect.arrayContaining(['ab%2bcd%2fef%3d', 'ab+cd/ef=', 'abc/def+ghi==', 'abc/def ghi==', 'a1b2c']),
  )
})
