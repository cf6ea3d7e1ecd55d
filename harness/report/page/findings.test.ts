import { expect, test } from 'vitest'
import type { Finding } from '../../verdict/verdict.ts'
import { findingList } from './findings.ts'
import { textOf } from './markup.ts'

const eased: Finding = {
  objective: 'survivors',
  demanded: 0,
  demandedBy: 'team',
  default: 2,
  looser: true,
  measured: 1,
  unit: 'count',
  outcome: 'pass',
  because: 'One gateway answered callers.',
}

const saidOf = (finding: Finding): string => textOf(findingList([finding], (file) => file)).replace(/<[^>]+>/g, '')

test('a limit of the team’s own is told as such beside what the scenario demanded, and marked where it is looser', () => {
  expect(saidOf(eased)).toMatch(/Demandedat least 0 by the team looser than the default\s+Defaultat least 2/)
})

test('an early readmission is demanded in words, on no side of a number', () => {
  const early: Finding = {
    objective: 'readmission',
    demanded: 'not before it is ready',
    default: null,
    measured: null,
    unit: 'ms',
    outcome: 'fail',
    because: 'A call reached it before.',
  }
  expect(saidOf(early)).toMatch(/Demandednot before it is ready\s+Default/)
})
