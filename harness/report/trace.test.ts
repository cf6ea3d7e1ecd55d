import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redactTrace } from './trace.ts'

const KNOWN = 'KNOWN-dsn-password'
const redact = (text: string): string => text.replaceAll(KNOWN, '[redacted]')
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const lines = (...values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('')

// Shapes as Playwright 1.65 writes them: one JSON value a line, bodies as resources.
const network = lines({
  type: 'resource-snapshot',
  snapshot: {
    request: {
      headers: [
        { name: 'Cookie', value: 'a7session=COOKIE-9f8e7d6c; theme=dark' },
        { name: 'authorization', value: `Basic ${base64('admin:TYPED-pass/word')}` },
        { name: 'accept', value: 'text/html' },
      ],
      cookies: [{ name: 'a7session', value: 'COOKIE-9f8e7d6c' }],
    },
    response: {
      headers: [{ name: 'set-cookie', value: 'a7session=FRESH-1a2b3c4d; Path=/; HttpOnly' }],
      cookies: [{ name: 'a7session', value: 'FRESH-1a2b3c4d', httpOnly: true }],
    },
  },
})
const actions = lines(
  { type: 'before', params: { selector: 'internal:label="Password"i', value: 'TYPED-pass/word' } },
  {
    type: 'frame-snapshot',
    snapshot: {
      html: [
        'FORM',
        {},
        ['INPUT', { type: 'password', __playwright_value_: 'TYPED-pass/word' }],
        ['INPUT', { type: 'password', value: 'FILLED-by-browser' }],
        ['INPUT', { name: 'u', __playwright_value_: 'administrator' }],
      ],
    },
  },
  { type: 'console', text: 'signed in with TYPED-pass/word and HttpOnly cookies' },
)
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3, 255])

let folder = ''
let after: Readonly<Record<string, Uint8Array>> = {}
const textOf = (name: string): string => strFromU8(after[name] ?? new Uint8Array())

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-trace-'))
  const file = join(folder, 'trace.zip')
  const zip = zipSync({
    'trace.network': strToU8(network),
    'trace.trace': strToU8(actions),
    'resources/body.json': strToU8(JSON.stringify({ token: 'TOKEN-123456', user: 'admin' })),
    'resources/form.dat': strToU8(`username=admin&echo=${encodeURIComponent('TYPED-pass/word')}`),
    'resources/page.html': strToU8(
      `<p>${KNOWN}</p><p>${base64(`user:${KNOWN}@db`)}</p><p>${base64('see TYPED-pass/word here')}</p><p>TOKEN-123456</p><p>bm90aGluZyBzZWNyZXQ=</p>`,
    ),
    'resources/picture.png': png,
  })
  await writeFile(join(folder, 'raw.zip'), zip)
  await redactTrace(join(folder, 'raw.zip'), file, redact)
  after = unzipSync(await readFile(file))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('redactTrace', () => {
  test('no secret is left in any entry, plain, in a URL or in base64', () => {
    const all = Object.keys(after).map(textOf).join('\n')
    const words = [
      all,
      ...(all.match(/[A-Za-z0-9+/_-]{8,}={0,2}/g) ?? []).map((word) => Buffer.from(word, 'base64').toString('latin1')),
    ].join('\n')
    // In a URL a slash is written another way.
    expect(all).not.toContain(encodeURIComponent('TYPED-pass/word'))
    for (const secret of [
      KNOWN,
      'COOKIE-9f8e7d6c',
      'FRESH-1a2b3c4d',
      'TYPED-pass/word',
      'TOKEN-123456',
      'FILLED-by-browser',
    ])
      expect(words).not.toContain(secret)
  })

  test('everything else is as it was', () => {
    expect(Object.keys(after).sort()).toEqual([
      'resources/body.json',
      'resources/form.dat',
      'resources/page.html',
      'resources/picture.png',
      'trace.network',
      'trace.trace',
    ])
    expect(after['resources/picture.png']).toEqual(png)
    expect(textOf('resources/body.json')).toBe('{"token":"[redacted]","user":"admin"}')
    expect(textOf('resources/page.html')).toContain('bm90aGluZyBzZWNyZXQ=')
    expect(textOf('trace.network')).toContain('{"name":"accept","value":"text/html"}')
    expect(textOf('trace.trace')).toContain('"__playwright_value_":"administrator"')
    expect(textOf('trace.trace')).toContain('signed in with [redacted] and HttpOnly cookies')
  })

  test('what was JSON line by line still is', () => {
    for (const name of ['trace.network', 'trace.trace']) {
      const values = textOf(name)
        .split('\n')
        .filter((line) => line !== '')
      expect(values.map((line) => typeof JSON.parse(line))).toEqual(values.map(() => 'object'))
    }
    expect(textOf('trace.trace').split('\n')).toHaveLength(4)
  })

  test('a file that is not there rejects with ENOENT', async () => {
    await expect(redactTrace(join(folder, 'none.zip'), join(folder, 'kept.zip'), redact)).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })
})
