// A scenario as Playwright runs it: the deployment and the stage it finds, its script played to the end whatever that is, and the verdict.
import { basename } from 'node:path'
import { test as base, type TestInfo } from '@playwright/test'
import { type Cast, castOn } from './cast.ts'
import type { ScenarioInfo } from './history/event.ts'
import { refuseBlindRate } from './least-rate.ts'
import { type Options, optionsFrom } from './options.ts'
import { writeCouldNotRun } from './report/could-not-run.ts'
import { VerdictError, writeFailedTest } from './report/failed-test.ts'
import { writeLeftBehind } from './report/judged.ts'
import { progressLine } from './report/terminal.ts'
import { judgeScenario } from './report/write-judged.ts'
import { bringUp } from './stage/deployment.ts'
import { endsOnce, endWithin, type ScriptEnd } from './stage/ending.ts'
import { removeRun } from './stage/run-removal.ts'
import { openStage, type Stage } from './stage/stage.ts'
import { scriptLimitMs } from './stage/time-limits.ts'
import { refuseStray } from './stray.ts'
import { filesOf } from './topology/compose.ts'
import { callerZonesOf } from './topology/compose-labels.ts'
import type { Role, Topology } from './topology/topology.ts'

const phaseOf = (stage: Stage): string => {
  const faults = stage.recorder.events().filter((event) => event.kind === 'fault')
  if (faults.length === 0) return 'steady'
  return stage.faults.inEffect().length > 0 ? 'disturbed' : 'recovered'
}

/** Prints one line a second while the drill goes on. */
const showProgress = (stage: Stage): (() => void) => {
  const timer = setInterval(() => {
    const live = stage.callers.live()
    process.stdout.write(
      `${progressLine({
        scenario: stage.scenario,
        phase: phaseOf(stage),
        callsPerSecond: live.ended,
        answeredShare: live.ended ? live.answered / live.ended : null,
        p99Ms: live.p99Ms,
        faultsInEffect: stage.faults.inEffect(),
        elapsedMs: stage.clock.now(),
      })}\n`,
    )
  }, 1000)
  return () => clearInterval(timer)
}

/** What the author gives beside the title. */
export interface ScenarioDetails {
  readonly tag?: string | string[]
  readonly annotation?: { readonly type: string; readonly description?: string }
  /**
   * What the deployment must have, or there is nothing to claim: a role, a stack, a setting of its Compose file (as
   * 'LB_CHECK=/status/ready', or one of several: 'COMPOSE_PROFILES=s3|azure'; 'FIREDRILL_UPGRADE_TO=data-plane=*' is any list with a word
   * that begins so). `firedrill drill` skips the scenario where it has not, and says so.
   */
  readonly needs?: readonly (Role | `stack=${string}` | `${Uppercase<string>}=${string}`)[]
}

/** A scenario's script: the claim about a gateway, played by the cast. */
export type Script = (cast: Cast) => Promise<void>

const infoOf = (testInfo: TestInfo): ScenarioInfo => {
  const [file = ''] = testInfo.titlePath
  const [page, section] =
    testInfo.annotations.find((each) => each.type === 'runbook')?.description?.split(OF_RUNBOOK) ?? []
  return {
    name: basename(file).replace(/\.scenario\.ts$/, ''),
    title: testInfo.title,
    file: basename(file),
    tags: testInfo.tags,
    ...(page && section && { runbook: { page, section } }),
  }
}

/** Plays a script to its end, whatever that is, then heals, records and judges. Rejects with the verdict's sentence unless it passed. */
const play = async (
  stage: Stage,
  script: Script,
  options: Options,
  end: (end: ScriptEnd) => Promise<void>,
): Promise<void> => {
  const hideProgress = showProgress(stage)
  try {
    const played = async (): Promise<void> => script(castOn(stage, options, (title, act) => base.step(title, act)))
    await end(await endWithin(played(), scriptLimitMs(process.env)))
  } finally {
    hideProgress()
  }
}

const endOf = (stage: Stage): ((end: ScriptEnd) => Promise<void>) =>
  endsOnce({
    record: (end) => stage.recorder.record({ kind: 'script', at: stage.clock.now(), ...end }),
    close: stage.close,
    judge: async () => {
      const { verdict } = await judgeScenario(stage.folder)
      if (verdict.outcome !== 'pass') throw new VerdictError(`${verdict.outcome}: ${verdict.because}`)
    },
  })

interface Played {
  /** Opens the stage lazily: a scenario that is skipped starts nothing. */
  play(script: Script): Promise<void>
}

interface Deployed {
  readonly topology: Topology
  /** A failed drill ends its worker, which `--keep` leaves with its deployment. */
  markFailed(): void
}

const test = base.extend<{ asked: undefined; stage: Played }, { deployment: Deployed }>({
  // auto: Playwright begins with such fixtures, so that whoever is refused brings up no deployment.
  asked: [
    async ({}, use, testInfo) => {
      const options = optionsFrom(process.env, repetitionOf(testInfo))
      await refuseStray(infoOf(testInfo).name, options)
      refuseBlindRate(options.rate, await callerZonesOf(await filesOf(options), process.env))
      await use(undefined)
    },
    { auto: true, timeout: 5_000 },
  ],
  deployment: [
    async ({}, use) => {
      const options = optionsFrom(process.env)
      const topology = await bringUp(options).catch(async (error: unknown) => {
        await writeCouldNotRun(options.folder, error as Error)
        throw error
      })
      let hasFailed = false
      await use({
        topology,
        markFailed: () => {
          hasFailed = true
        },
      })
      // The fixture below has healed it.
      if (options.keep && hasFailed) return
      // The verdicts are written by now, and a removal that fails takes none of them back.
      await removeRun(options).catch((error: Error) => writeLeftBehind(options.folder, error.message))
    },
    // Compose has two minutes, and what it started one more to become usable: whoever runs out of time says so by itself.
    { scope: 'worker', timeout: 240_000 },
  ],
  stage: [
    async ({ deployment }, use, testInfo) => {
      const options = optionsFrom(process.env, repetitionOf(testInfo))
      const stage = await openStage(deployment.topology, options, infoOf(testInfo)).catch((error: unknown) => {
        deployment.markFailed()
        throw error
      })
      const end = endOf(stage)
      let hasEnded = false
      await use({
        play: async (script) => {
          await play(stage, script, options, end).finally(() => {
            hasEnded = true
          })
        },
      })
      if (testInfo.status !== 'passed') deployment.markFailed()
      try {
        // Interrupted, or out of the test's own time: the script is not cancelled and may still ask for faults; they are sealed by healing.
        if (!hasEnded) await end({ outcome: testInfo.status === 'interrupted' ? 'interrupted' : 'timed-out' })
      } finally {
        await writeFailedTest(stage.folder, testInfo.errors, (text) => stage.recorder.redactor.text(text))
      }
    },
    { timeout: 25_000 },
  ],
})

/**
 * Declares a scenario: one claim about a gateway. The script ends with `expect(history).toMeet(...)`. Asked for several times it is
 * that many tests, so that all of them find the deployment up.
 */
export const scenario = (title: string, details: ScenarioDetails, script: Script): void => {
  const { annotation, tag } = details
  const { times } = optionsFrom(process.env)
  for (let repetition = 1; repetition <= times; repetition += 1) {
    const count = { type: REPETITION, description: String(repetition) }
    const annotations = [...(annotation ? [annotation] : []), ...(times > 1 ? [count] : [])]
    const titled = times > 1 ? `${title} (${repetition} of ${times})` : title
    test(titled, { ...(tag && { tag }), annotation: annotations }, async ({ stage }) => stage.play(script))
  }
}

const REPETITION = 'repetition'

const repetitionOf = (testInfo: TestInfo): number =>
  Number(testInfo.annotations.find(({ type }) => type === REPETITION)?.description ?? 1)

/**
 * The line of a runbook that a scenario answers, for its `annotation`: a page by its title (the vendor's, or one of your own) and a section
 * by its heading. The report shows both.
 */
export const runbook = ({ page, section }: RunbookLine): { readonly type: string; readonly description: string } => ({
  type: 'runbook',
  description: `${page}${OF_RUNBOOK}${section}`,
})

interface RunbookLine {
  readonly page: string
  readonly section: string
}

/** Between the page and the section of an annotation. */
const OF_RUNBOOK = ' · '
