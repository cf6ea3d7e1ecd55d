// A scenario that Playwright found and its run did not ask for: nobody would read its verdict, so nothing is played.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folderOf, type Options } from './options.ts'
import type { RunFile } from './report/judged.ts'
import { ScenarioError } from './time/errors.ts'

/**
 * Refuses a scenario that the run's own file does not ask for. Where there is no such file Playwright was called by hand, and plays
 * what it was told. Throws ScenarioError ERR_STRAY.
 */
export const refuseStray = async (scenario: string, options: Options): Promise<void> => {
  const text = await readFile(join(options.folder, 'run.json'), 'utf8').catch(() => null)
  if (text === null) return
  const { scenarios } = JSON.parse(text) as RunFile
  const own = folderOf(scenario, options)
  if (scenarios.some(({ name, folder = name }) => folder === own)) return
  throw new ScenarioError(
    `Refused to play ${own}: run ${options.run} asks for ${scenarios.map(({ name, folder = name }) => folder).join(', ')}. Name it to \`npm run drill\`, or play it by hand without FIREDRILL_RUN_FOLDER.`,
    { code: 'ERR_STRAY' },
  )
}
