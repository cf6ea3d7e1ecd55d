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

test('each objective by which a defect is found is among those that npm test plays', () => {
  const played = PLANTED.filter(({ inTest }) => inTest).map(({ objective }) => objective)
  expect(new Set(played).size).toBeGreaterThanOrEqual(4)
})

describe('a defect', () => {
  const planted: Planted = {
    defect: 'M11',
    what: 'a balancer without health checks',
    scenario: 'data-plane-failover',
    objective: 'ejection',
    culprit: /callers-balancer/,
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
    ['named another', { culprit: 'data-plane-1' }, /^the culprit is data-plane-1, expected callers-balancer$/],
  ])('is not found where its scenario %s', (_, but, why) => {
    expect(whyNotFound(planted, { ...found, ...but }).join(', ')).toMatch(why)
  })
})
