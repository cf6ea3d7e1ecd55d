import { expect, test } from 'vitest'
import type { VerdictOutcome } from '../../verdict/verdict.ts'
import { sampleScenario, sampleSummary } from '../sample.fixture.ts'
import { toldOf } from '../say.ts'
import { firstScreen } from './first-screen.ts'
import { textOf } from './markup.ts'

test('what did not pass stands first, and leads to its own section', () => {
  const sample = sampleSummary([sampleScenario()])
  const ended: readonly (readonly [string, VerdictOutcome])[] = [
    ['one', 'pass'],
    ['two', 'inconclusive'],
    ['three', 'pass'],
    ['four', 'fail'],
  ]
  const scenarios = ended.flatMap(([folder, outcome]) =>
    sample.scenarios.map((entry) => ({ ...entry, name: folder, folder, outcome })),
  )
  const summary = { ...sample, scenarios }
  const page = textOf(firstScreen(summary, toldOf(summary, [])))
  const links = [...page.matchAll(/<a href="#(scenario-\d+)">(\w+)</g)].map(([, anchor, folder]) => [anchor, folder])
  expect(links).toEqual([
    ['scenario-4', 'four'],
    ['scenario-2', 'two'],
    ['scenario-1', 'one'],
    ['scenario-3', 'three'],
  ])
})
