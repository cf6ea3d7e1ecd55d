import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { filesOf } from './compose.ts'
import { callerZonesOf, rolesOf } from './compose-labels.ts'

const folder = mkdtempSync(join(tmpdir(), 'firedrill-roles-'))

afterAll(() => rmSync(folder, { recursive: true }))

const rolesIn = async (...texts: readonly string[]): Promise<readonly string[]> => {
  const files = texts.map((text, index) => {
    const file = join(folder, `${index}.yaml`)
    writeFileSync(file, text)
    return file
  })
  return [...(await rolesOf(files))]
}

test.each([
  ['a list', 'labels: [firedrill.node=database-1, firedrill.role=database]'],
  ['a quoted list', 'labels:\n      - "firedrill.role=database"'],
  ['a mapping', 'labels: { firedrill.node: database-1, firedrill.role: database }'],
  ['a quoted mapping', `labels: { "firedrill.role": 'database' }`],
])('a role is read whichever way Compose takes labels: %s', async (_, labels) => {
  expect(await rolesIn(`services:\n  database:\n    image: postgres\n    ${labels}\n`)).toEqual(['database'])
})

test('what a comment says, a command, or a label that nobody uses, is no role', async () => {
  const unused = 'x-labels: &labels { firedrill.role: database }\n'
  expect(
    await rolesIn(`${unused}services:\n  # firedrill.role: upstream\n  one: { command: "firedrill.role: etcd" }\n`),
  ).toEqual([])
})

test('labels that are merged in, and those of the files over the first one, count too', async () => {
  const base = 'x-labels: &labels { firedrill.role: database }\nservices: { one: { labels: { <<: *labels } }, two: }\n'
  expect(await rolesIn(base, 'services: { three: { labels: [firedrill.role=upstream] } }')).toEqual([
    'database',
    'upstream',
  ])
})

test.each(['', '# services:\n', 'services:\n', 'services: [one]\n', 'services: { one: { labels: 7 } }\n'])(
  'a file in which there is nothing has no role, and is for Compose to refuse: %j',
  async (text) => {
    expect(await rolesIn(text)).toEqual([])
  },
)

test('a file that is no YAML is refused, without what it says', async () => {
  await expect(rolesIn('services:\n  one: { password: secret\n')).rejects.toThrow(
    /^The Compose file 0\.yaml is no YAML \(line \d+, column \d+\)\. \[ERR_STACK\]$/,
  )
})

test('callers stand in zones where a file has the label for it, and nowhere else', async () => {
  const zones = async (stack: string, environment: NodeJS.ProcessEnv) =>
    callerZonesOf(await filesOf({ stack }), environment)
  expect(await zones('multi-zone', { CALLER_ZONES: 'a, b outside' })).toEqual(['a', 'b'])
  expect(await zones('multi-zone', {})).toEqual([])
  expect(await zones('etcd', { CALLER_ZONES: 'a b c' })).toEqual([])
})
