// Why a deployment did not come up, as its worker wrote it down, and whether anything was played all the same.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvironmentError, ScenarioError } from '../time/errors.ts'

export const COULD_NOT_RUN = 'could-not-run.json'

/** Why a worker found no deployment to play on, written down by itself; null when each found one. */
export const couldNotRun = async (folder: string): Promise<Error | null> => {
  const text = await readFile(join(folder, COULD_NOT_RUN), 'utf8').catch(() => null)
  if (text === null) return null
  const { name, message, code } = JSON.parse(text) as { name: string; message: string; code: string }
  const told = { code, cause: COULD_NOT_RUN }
  return name === 'ScenarioError' ? new ScenarioError(message, told) : new EnvironmentError(message, told)
}

/** Whether any of these folders of a run holds a history: then there is something to judge. */
export const isHeard = async (folder: string, playings: readonly string[]): Promise<boolean> => {
  const there = playings.map((own) =>
    stat(join(folder, own, 'history.jsonl')).then(
      () => true,
      () => false,
    ),
  )
  return (await Promise.all(there)).includes(true)
}
