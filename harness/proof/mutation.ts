// Plants a mutant in a copy of the code, runs the tests that have to notice, and says whether one did.
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ROOT } from '../options.ts'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import type { Mutant } from './mutants.ts'

/** Not copied: it is large, or it is not the code. */
const LEFT_OUT = /^(?:node_modules|\.git|reports)(?:\/|$)/

const TESTS_LIMIT_MS = 120_000

/** The code with the mutant in it. Throws ScenarioError where its site is not there exactly once: the table has rotted. */
export const planted = (text: string, { what, file, find, replace }: Mutant): string => {
  const times = text.split(find).length - 1
  if (times === 1) return text.replace(find, () => replace)
  throw new ScenarioError(
    `The mutant '${what}' has its site ${times} times in ${file}, expected once: ${JSON.stringify(find)}. Find it its place again.`,
    { code: 'ERR_MUTANT' },
  )
}

/** A copy of the code in a folder of its own, with the packages that are installed here. */
export const copyOfCode = async (): Promise<{ readonly folder: string; remove(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-mutants-'))
  await cp(ROOT, folder, { recursive: true, filter: (path) => !LEFT_OUT.test(relative(ROOT, path)) })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return { folder, remove: () => rm(folder, { recursive: true }) }
}

/** Runs test files in a copy. Titles of the tests by how they ended. Rejects where Vitest itself says nothing. */
export const runTests = async (folder: string, files: readonly string[]): Promise<TestsRun> => {
  const report = join(folder, 'tests.json')
  await rm(report, { force: true })
  const words = await vitest(folder, [...files, '--reporter=json', `--outputFile=${report}`])
  const text = await readFile(report, 'utf8').catch((cause: unknown) => {
    throw new EnvironmentError(`Vitest left no report on ${files.join(', ')}: ${words.slice(-500)}`, {
      code: 'ERR_TESTS',
      cause,
    })
  })
  const { testResults } = JSON.parse(text) as Report
  const tests = testResults.flatMap((file) => file.assertionResults)
  const titles = (status: string): readonly string[] =>
    tests.filter((each) => each.status === status).map((each) => each.fullName)
  return { passed: titles('passed'), failed: titles('failed') }
}

export interface TestsRun {
  readonly passed: readonly string[]
  readonly failed: readonly string[]
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Resolves with its words, whatever it came to; a mutant that goes round in circles is ended. */
const vitest = (folder: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const program = join(folder, 'node_modules', 'vitest', 'vitest.mjs')
    const child = spawn(process.execPath, [program, 'run', '--config', 'harness/vitest.config.ts', ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TESTS_LIMIT_MS,
    })
    let words = ''
    const hear = (chunk: Buffer): void => {
      words += chunk.toString()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', reject)
    child.once('close', () => resolve(words))
  })

/** A test that passes without the mutant and fails with it, twice: once may be chance. Null where there is none: the mutant lives. */
export const killerOf = async (folder: string, mutant: Mutant, sound: ReadonlySet<string>): Promise<string | null> => {
  const file = join(folder, mutant.file)
  const text = await readFile(file, 'utf8')
  await writeFile(file, planted(text, mutant))
  try {
    const { failed } = await runTests(folder, mutant.killedBy)
    const killers = failed.filter((title) => sound.has(title))
    if (killers.length === 0) return null
    const again = new Set((await runTests(folder, mutant.killedBy)).failed)
    return killers.find((title) => again.has(title)) ?? null
  } finally {
    await writeFile(file, text)
  }
}
