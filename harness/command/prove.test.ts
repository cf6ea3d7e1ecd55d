// A proof's flags are refused before anything is made ready for it.
import { expect, test, vi } from 'vitest'
import { bench, prove } from './prove.ts'

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
