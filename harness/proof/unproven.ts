// What a drill of a healthy deployment leaves unproven because the machine had no processors to give: true there, and nobody's fault.
import { join } from 'node:path'
import { expect, type TestContext } from 'vitest'
import { starvedMs } from '../analysis/quiet.ts'
import { judged } from '../report/judged.ts'
import type { ScenarioReport } from '../report/summary.ts'
import { isSensorsDoubt } from '../verdict/outcome.ts'
import { exitCodeOfRun } from '../verdict/run-outcome.ts'
import { allPassed, type Drilled, outcomesOf, summaryOf } from './run-drill.ts'

/** From this share of the time on in which somebody waited for a processor a healthy drill may come to nothing. */
const STARVED_SHARE = 0.5

/**
 * Demands that every one of these scenarios passed, or is inconclusive by the doubt of the sensor alone on a machine that was starved. A test
 * of which a scenario was left unproven so is skipped, which counts as nothing known: it did not pass.
 */
export const expectAllPassed = async (
  run: Drilled,
  names: readonly string[],
  { skip }: Pick<TestContext, 'skip'>,
): Promise<void> => {
  const { exitCode, scenarios } = await outcomesOf(run)
  const starved = await starvedIn(run)
  const others = {
    exitCode: exitCode === exitCodeOfRun('inconclusive', { isAtFault: false }) && starved.size > 0 ? 0 : exitCode,
    scenarios: scenarios.filter(({ name }) => !starved.has(name)),
  }
  expect(others).toEqual(allPassed(names.filter((name) => !starved.has(name))))
  skip(starved.size > 0, [...starved].map(([name, because]) => `${name}: ${because}`).join('\n'))
}

/** Why nothing is proven, by scenario. */
const starvedIn = async (run: Drilled): Promise<ReadonlyMap<string, string>> => {
  const starved = new Map<string, string>()
  for (const { name, folder, outcome } of (await summaryOf(run)).scenarios) {
    if (outcome !== 'inconclusive') continue
    const because = whyStarved(await judged(join(run.folder ?? '', folder)))
    if (because !== null) starved.set(name, because)
  }
  return starved
}

/**
 * In words. Null where the machine had processors for half of the time or more, where nobody saw a fault land, and where the deployment may
 * be to blame for what is not proven: no machine excuses any of that.
 */
export const whyStarved = (report: Pick<ScenarioReport, 'verdict' | 'analysis' | 'history'>): string | null => {
  const { verdict, analysis, history } = report
  const broken = analysis.faults.find(({ wasSeen }) => wasSeen)
  if (!broken || !analysis.judged) return null
  if (!isSensorsDoubt(verdict.assumptions, verdict.findings, broken.intendedAt)) return null
  const [from, to] = analysis.judged
  const share = starvedMs(history.events, analysis.judged) / (to - from)
  if (!(share > STARVED_SHARE)) return null
  return `somebody waited for a processor for ${Math.round(share * 100)} % of the time. ${verdict.because}`
}
