// `npm run doctor`: what this machine can do, what is missing and how to get it.
import { doctor as examine } from '../setup/doctor.ts'
import { wordsOf } from './words.ts'

/** Prints the findings; exit code 3 when something that a drill needs is missing, or was not seen. */
export const doctor = async (argv: readonly string[]): Promise<number> => {
  wordsOf('doctor', argv, { options: {} })
  const { lines, ok } = await examine()
  for (const line of lines) console.log(line)
  return ok ? 0 : 3
}
