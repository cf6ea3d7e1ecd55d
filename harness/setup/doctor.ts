// What this machine can do, how each fault will be attested, and what is missing: a look of two seconds that changes nothing.
import { type Check, checkLines, type Look, unknown } from './check.ts'
import { faultChecks } from './doctor-faults.ts'
import { machineChecks } from './doctor-machine.ts'
import { networkChecks } from './doctor-network.ts'
import { askEngine, type EngineAnswer } from './engine.ts'
import { kernelChecks } from './kernel.ts'

const limitMs = 1700

/** The lines for the terminal, and whether everything `drill` needs was seen to be there. */
export const doctor = async (): Promise<{ readonly lines: readonly string[]; readonly ok: boolean }> => {
  const startedAt = performance.now()
  const limited = withinLimit(startedAt + limitMs)
  const asked = await limited<EngineAnswer | Error | undefined>(
    askEngine().catch((error: Error) => error),
    undefined,
  )
  const answer = asked instanceof Error ? undefined : asked
  const looks: readonly Look[] = [
    ...machineChecks(answer, asked instanceof Error ? asked : undefined),
    ...networkChecks(answer),
    { topic: 'kernel', look: () => kernelChecks(answer) },
  ]
  const parts = await Promise.all(
    looks.map((each) => limited(taken(each), [unknown(each.topic, 'the look took too long')])),
  )
  const checks = [...parts.flat(), ...faultChecks(answer)]
  const { said, ok } = conclusion(checks)
  return { lines: [...checks.flatMap(checkLines), '', said], ok }
}

/** One that goes wrong is a finding of its own, in its own words, and takes no other one along. */
const taken = ({ topic, look }: Look): Promise<readonly Check[]> =>
  look().catch((error: Error) => [{ topic, found: error.message, level: 'missing' }])

/** What of it a drill can do with; what was not seen is not vouched for. */
export const conclusion = (checks: readonly Check[]): { readonly said: string; readonly ok: boolean } => {
  const topics = (wanted: Check['level']): string =>
    [...new Set(checks.filter(({ level }) => level === wanted).map(({ topic }) => topic))].join(', ')
  const [lacking, unseen] = [topics('missing'), topics('unknown')]
  const said = [
    ...(lacking ? [`A drill needs more: ${lacking}. \`npm run drill\` installs what it may.`] : []),
    ...(unseen ? [`Not seen: ${unseen}. Look again when the machine is less busy.`] : []),
  ]
  return { said: said.join(' ') || 'Everything a drill needs is there.', ok: said.length === 0 }
}

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
