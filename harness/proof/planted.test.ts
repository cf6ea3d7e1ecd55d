import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../options.ts'
import { type Found, PLANTED, type Planted, whyNotFound } from './planted.ts'

const namesIn = async (folder: string, ending: string): Promise<readonly string[]> =>
  (await readdir(join(ROOT, folder)))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))

test('every overlay has a row, every row an overlay and a scenario', async () => {
  const overlays = await namesIn('compose/defects', '.yaml')
  expect([...new Set(PLANTED.map(({ defect }) => defect))].sort()).toEqual(overlays.toSorted())
  const scenarios = await namesIn('scenarios', '.scenario.ts')
  expect(PLANTED.map(({ scenario }) => scenario).filter((name) => !scenarios.includes(name))).toEqual([])
})

test('what npm test plays of them is found by four objectives at least', () => {
  const played = PLANTED.filter(({ inTest }) => inTest).map(({ objective }) => objective)
  expect(new Set(played).size).toBeGreaterThanOrEqual(4)
})

test('no row takes a culprit among innocents for the culprit', () => {
  const names = ['callers-balancer', 'control-plane-1', 'control-plane-balancer', 'data-plane-2', 'database-balancer']
  // As a verdict joins them.
  const pairs = names.flatMap((name) => names.filter((other) => other !== name).map((other) => `${name}, ${other}`))
  const taken = (culprit: RegExp) => pairs.filter((pair) => culprit.test(pair))
  expect(PLANTED.flatMap(({ defect, culprit }) => taken(culprit).map((pair) => `${defect}: ${pair}`))).toEqual([])
})

describe('a defect', () => {
  const planted: Planted = {
    defect: 'M11',
    what: 'a balancer without health checks',
    scenario: 'data-plane-failover',
    objective: 'ejection',
    culprit: /^callers-balancer$/,
  }
  const found: Found = {
    exitCode: 1,
    outcome: 'fail',
    finding: 'fail',
    culprit: 'callers-balancer',
    folder: null,
  }

  test('is found where its scenario fails by its objective and names the culprit', () => {
    expect(whyNotFound(planted, found)).toEqual([])
  })

  test.each<[string, Partial<Found>, RegExp]>([
    ['passed', { exitCode: 0, outcome: 'pass', finding: 'pass' }, /exit code 0, .* pass, .* ejection is pass/],
    ['failed by something else', { finding: 'pass' }, /^ejection is pass, expected fail$/],
    ['named another', { culprit: 'data-plane-1' }, /^the culprit is data-plane-1, expected \^callers-balancer\$$/],
    ['named it among others', { culprit: 'callers-balancer, data-plane-1' }, /^the culprit is callers-balancer, data-/],
  ])('is not found where its scenario %s', (_, but, why) => {
    expect(whyNotFound(planted, { ...found, ...but }).join(', ')).toMatch(why)
  })
})
