// Why nothing could be played, or not all of it, written down by whoever found that; and whether anything was played all the same.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'
import { isThere, writeWhole } from './files.ts'

export const COULD_NOT_RUN = 'could-not-run.json'

/** Writes down why: the machine's or the request's fault, not a verdict. Exit code 3. */
export const writeCouldNotRun = (
  folder: string,
  { name, message, code }: Pick<Error, 'name' | 'message'> & { readonly code?: string },
): Promise<void> =>
  writeWhole(join(folder, COULD_NOT_RUN), JSON.stringify({ name, message, code: code ?? 'ERR_BRING_UP' }))

/** Why a worker found no deployment to play on, written down by itself; null when each found one. */
export const couldNotRun = async (folder: string): Promise<Error | null> => {
  const text = await readFile(join(folder, COULD_NOT_RUN), 'utf8').catch(() => null)
  if (text === null) return null
  const { name, message, code } = JSON.parse(text) as { name: string; message: string; code: string }
  const told = { code, cause: COULD_NOT_RUN }
  // An error of ours names its code in the message already.
  const said = message.endsWith(` [${code}]`) ? message.slice(0, -` [${code}]`.length) : message
  return name === 'ScenarioError' ? new ScenarioError(said, told) : new EnvironmentError(said, told)
}

/** Whether any of these folders of a run holds a history: then there is something to judge. */
export const isHeard = async (folder: string, playings: readonly string[]): Promise<boolean> => {
  const there = playings.map((own) => isThere(join(folder, own, 'history.jsonl')))
  return (await Promise.all(there)).includes(true)
}
