// What failed a scenario's test in Playwright beside its verdict, written down for whoever judges the run: its record says nothing of it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Assumption } from '../verdict/verdict.ts'
import { isThere, writeWhole } from './files.ts'

const FAILED_TEST = 'failed-test.json'
const VERDICT = 'Verdict'

/** What the test of a scenario rejects with whose verdict is no pass. */
export class VerdictError extends Error {
  override readonly name = VERDICT
}

/** An error as Playwright keeps it: 'Verdict: fail: …', or what was thrown where that was no Error. */
interface TestFailure {
  readonly message?: string
  readonly value?: string
}

const said = ({ message, value }: TestFailure): string => message ?? value ?? 'an error without a word'

/** Without the full stop of its own, where it has one. */
const inOneLine = (text: string): string =>
  stripVTControlCharacters(text).replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '')

/** Writes down, in the folder of what was played, what failed its test beside the verdict; nothing where nothing did. */
export const writeFailedTest = async (
  folder: string,
  failures: readonly TestFailure[],
  redact: (text: string) => string,
): Promise<void> => {
  const others = failures.map(said).filter((text) => !text.startsWith(`${VERDICT}: `))
  if (others.length === 0) return
  const because = redact(others.map(inOneLine).join('; '))
  await writeWhole(join(folder, FAILED_TEST), JSON.stringify({ because }))
}

/** What was written down, as an assumption that does not hold; none where nothing was. Rejects where it cannot be read. */
export const failedTestIn = async (folder: string): Promise<readonly Assumption[]> => {
  const file = join(folder, FAILED_TEST)
  if (!(await isThere(file))) return []
  const { because } = JSON.parse(await readFile(file, 'utf8')) as { readonly because: string }
  return [
    {
      name: 'Nothing but its verdict failed the test',
      holds: false,
      because: `Playwright’s test failed beside its verdict: ${because}.`,
    },
  ]
}
