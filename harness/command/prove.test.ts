// A proof's flags are refused before anything is made ready for it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { BENCHES, bench, PROOFS, prove } from './prove.ts'

// Were a flag not refused, the machine would be made ready.
vi.mock('../setup/prepare.ts', () => ({ prepare: () => Promise.reject(new Error('It went on.')) }))

test.each([
  ['an unknown flag', prove, ['sensitivity', '--onyl', 'M10'], 'Expected any of --only'],
  ['a flag without its value', prove, ['attestation', '--times'], 'Expected any of --times, --seed'],
  ['a word', bench, ['faults', '20'], 'Expected any of --times'],
  ['an unknown flag of what needs no engine', bench, ['memory', '--cals', '5'], 'Expected any of --calls, --rate'],
] as const)('%s is refused before anything is made ready: %o %o', async (_, verb, argv, because) => {
  const refused = { name: 'ScenarioError', code: 'ERR_FLAG', message: expect.stringContaining(because) }
  await expect(verb(argv)).rejects.toMatchObject(refused)
})

test('flags that a proof knows are not refused', async () => {
  await expect(prove(['healing', '--times', '3', '--restart-engine'])).rejects.toThrow('It went on.')
})

test.each([
  ...Object.entries(PROOFS).map(([name, proof]) => [`prove-${name}`, proof] as const),
  ...Object.entries(BENCHES).map(([name, proof]) => [`bench-${name}`, proof] as const),
])('the flags of %s are those that it parses itself', (file, { flags, switches = [] }) => {
  const source = readFileSync(join(import.meta.dirname, '../proof', `${file}.ts`), 'utf8')
  const parsed = (type: string) =>
    [...source.matchAll(new RegExp(`([\\w-]+)'?: \\{ type: '${type}'`, 'g'))].map(([, name]) => name)
  expect({ flags, switches }).toEqual({ flags: parsed('string'), switches: parsed('boolean') })
})
