// `npm test`: types, lint, the harness's own tests, then the drills that prove it; ends with one line that sums them all.
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearDead } from '../fault/clearing.ts'
import { ROOT } from '../options.ts'
import { ScenarioError } from '../time/errors.ts'
import { sayCleared } from './clean.ts'
import { makeReady, readyVariables } from './ready.ts'
import { wordsOf } from './words.ts'

interface Counted {
  readonly passed: number
  readonly failed: number
  readonly skipped?: number
}

const runTool = (path: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules', path), ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })

const checked = async (title: string, path: string, args: readonly string[]): Promise<Counted> => {
  const startedAt = performance.now()
  const isFine = (await runTool(path, args)) === 0
  console.log(
    `  ${title.padEnd(11)} ${isFine ? 'fine' : 'failed'} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  )
  return isFine ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** Runs Vitest with a configuration and counts from its own report. A run without a report, or without a test, is a failure. */
const vitest = async (config: string, env: Readonly<Record<string, string>>): Promise<Counted> => {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-test-'))
  const report = join(folder, 'report.json')
  // Tests start servers as their own users, who have to get to what lies in it.
  await chmod(folder, 0o755)
  try {
    const exitCode = await runTool(
      'vitest/vitest.mjs',
      ['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      // What tests leave in the temporary directory goes with the report.
      { ...env, TMPDIR: folder },
    )
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(await readFile(report, 'utf8')) as {
      numPassedTests: number
      numFailedTests: number
      numPendingTests: number
    }
    const isFine = exitCode === 0 && numPassedTests > 0
    return {
      passed: numPassedTests,
      failed: isFine ? numFailedTests : Math.max(1, numFailedTests),
      skipped: numPendingTests,
    }
  } catch (error) {
    console.error(`Vitest left no report for ${config}: ${(error as Error).message}`)
    return { passed: 0, failed: 1 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** One after another. Ctrl-C reaches the one under way from the terminal; it is waited for, counts as failed, and is the last. */
const untilInterrupted = async (runners: readonly (() => Promise<Counted>)[]): Promise<readonly Counted[]> => {
  const counts: Counted[] = []
  let isInterrupted = false
  process.once('SIGINT', () => {
    isInterrupted = true
  })
  for (const run of runners) {
    const { failed, ...counted } = await run()
    counts.push({ ...counted, failed: isInterrupted ? Math.max(1, failed) : failed })
    if (isInterrupted) break
  }
  return counts
}

/** The flags of `test`. */
export const OPTIONS = { quick: { type: 'boolean' }, all: { type: 'boolean' } } as const

/** The `test` verb; `npm test -- --quick` leaves the drills out, `-- --all` proves what a sample stands for otherwise. Exit code 0 when nothing failed. */
export const test = async (argv: readonly string[]): Promise<number> => {
  const { values } = wordsOf('test', argv, { options: OPTIONS })
  if (values.quick && values.all)
    throw new ScenarioError('--quick leaves the drills out, and --all plays all of them: leave one of the two away.', {
      code: 'ERR_FLAG',
    })
  const prepared = await makeReady(['engine', 'compose', 'browser', 'images', 'servers'])
  for (const cleared of await clearDead()) console.log(`  clean       ${sayCleared(cleared)}`)
  const proofs = { ...readyVariables(prepared), ...(values.all && { FIREDRILL_PROOFS: 'all' }) }
  const counts = await untilInterrupted([
    () => checked('types', 'typescript/bin/tsc', ['--noEmit']),
    () => checked('lint', '@biomejs/biome/bin/biome', ['check', '--config-path=.ci/lint.json', '.']),
    () => vitest('compose/stand-in/vitest.config.ts', {}),
    () => vitest('harness/vitest.config.ts', {}),
    ...(values.quick ? [] : [() => vitest('harness/proof/vitest.config.ts', proofs)]),
  ])
  const passed = counts.reduce((sum, each) => sum + each.passed, 0)
  const skipped = counts.reduce((sum, { skipped: left = 0 }) => sum + left, 0)
  if (skipped > 0) console.log(`${skipped} skipped, of which nothing is known`)
  const failed = counts.reduce((sum, each) => sum + each.failed, 0)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}
