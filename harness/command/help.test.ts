import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../options.ts'
import { asksForHelp, helpFor } from './help.ts'
import { SUITES } from './suites.ts'

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

test('every suite, proof and bench that there is, is named', async () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
  const subjects = (verb: string) => Object.keys(scripts).flatMap((name) => name.split(`${verb}:`)[1] ?? [])
  for (const [verb, names] of [
    ['drill', Object.keys(SUITES)],
    ['prove', subjects('prove')],
    ['bench', subjects('bench')],
  ] as const) {
    expect(names.length).toBeGreaterThan(3)
    const told = await helpFor([verb])
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(told))).toEqual([])
  }
})
