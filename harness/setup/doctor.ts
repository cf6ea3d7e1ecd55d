// What this machine can do, how each fault will be attested, and what is missing: a look of two seconds that changes nothing.
import { type Check, checkLines, note } from './check.ts'
import { faultChecks } from './doctor-faults.ts'
import { machineChecks } from './doctor-machine.ts'
import { networkChecks } from './doctor-network.ts'
import { askEngine, type EngineAnswer } from './engine.ts'
import { kernelChecks } from './kernel.ts'

const limitMs = 1700

/** The lines for the terminal, and whether everything `drill` needs is there. */
export const doctor = async (): Promise<{ readonly lines: readonly string[]; readonly ok: boolean }> => {
  const startedAt = performance.now()
  const limited = withinLimit(startedAt + limitMs)
  const answer = await limited<EngineAnswer | undefined>(askEngine(), undefined)
  const parts = await Promise.all([
    ...machineChecks(answer).map(({ topic, look }) => limited(look(), [unknown(topic)])),
    limited(networkChecks(answer), [unknown('network')]),
    limited(kernelChecks(answer), [unknown('kernel')]),
  ])
  const checks = [...parts.flat(), ...faultChecks(answer)]
  const lacking = checks.filter(({ level }) => level === 'missing')
  return { lines: [...checks.flatMap(checkLines), '', conclusion(lacking)], ok: lacking.length === 0 }
}

const conclusion = (lacking: readonly Check[]): string =>
  lacking.length === 0
    ? 'Everything a drill needs is there.'
    : `A drill needs more: ${lacking.map(({ topic }) => topic).join(', ')}. \`npm run drill\` installs what it may.`

const unknown = (topic: string): Check => note(topic, 'unknown: the look took too long')

/** Answers with what is looked for, or with the other value when the time for the whole look is over. */
const withinLimit =
  (endAt: number) =>
  async <T>(look: Promise<T>, otherwise: T): Promise<T> => {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<T>((resolve) => {
      timer = setTimeout(() => resolve(otherwise), Math.max(0, endAt - performance.now()))
    })
    return Promise.race([look, over]).finally(() => clearTimeout(timer))
  }
