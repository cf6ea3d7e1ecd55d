import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../options.ts'
import { MUTANTS, type Mutant } from './mutants.ts'
import { planted } from './mutation.ts'

test.each(MUTANTS)('$what: it has its one place in the code, and tests that may kill it', async (mutant) => {
  const text = await readFile(join(ROOT, mutant.file), 'utf8')
  expect(planted(text, mutant)).not.toBe(text)
  expect(mutant.killedBy.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
})

test('no two mutants are the same', () => {
  expect(new Set(MUTANTS.map(({ what }) => what)).size).toBe(MUTANTS.length)
  expect(new Set(MUTANTS.map(({ file, find, replace }) => `${file} ${find} ${replace}`)).size).toBe(MUTANTS.length)
})

test('a mutant whose site has gone, or is there twice, is an error and not a mutant', () => {
  const mutant: Mutant = { what: 'w', file: 'f.ts', find: 'a + b', replace: 'a - b', killedBy: [] }
  expect(planted('return a + b', mutant)).toBe('return a - b')
  expect(() => planted('return b + a', mutant)).toThrow(/'w' has its site 0 times in f\.ts, expected once/)
  expect(() => planted('a + b; a + b', mutant)).toThrow(/2 times/)
})
