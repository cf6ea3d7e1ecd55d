import { expect, test } from 'vitest'
import { asksForHelp, helpFor } from './help.ts'

test.each([
  [['drill'], '  --rerun-inconclusive N '],
  [['prove', 'specificity'], '  --times VALUE            10 by default'],
  [['bench', 'nothing'], 'npm run bench:WHAT -- [flags]'],
  [['clean'], 'npm run clean -- [names of runs]'],
  [['drive'], 'npm run rejudge -- reports/runs/RUN'],
  [[], 'npm run rejudge -- reports/runs/RUN'],
])('%j is told what it takes, and all verbs where there is none such', async (words, said) => {
  expect(await helpFor(words)).toContain(said)
})

test('help is asked for by either flag, and by no other word', () => {
  expect(
    [
      ['drill', '-h'],
      ['drill', '--help'],
      ['drill', 'help'],
    ].map(asksForHelp),
  ).toEqual([true, true, false])
})
