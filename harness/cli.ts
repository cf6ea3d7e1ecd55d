// The firedrill command: one verb, its exit code, and errors told by whose problem they are. start.mjs has seen to the Node it runs on.
import { asksForHelp, helpFor, type VerbName } from './command/help.ts'
import { EnvironmentError, FaultError, ScenarioError } from './time/errors.ts'

type Verb = (argv: readonly string[]) => Promise<number>

/** Each verb loads what it needs when it is asked for: `doctor` has two seconds, and `rejudge` no Docker. */
const VERBS: Readonly<Record<VerbName, () => Promise<Verb>>> = {
  drill: async () => (await import('./command/drill.ts')).drill,
  test: async () => (await import('./command/test.ts')).test,
  doctor: async () => (await import('./command/doctor.ts')).doctor,
  up: async () => (await import('./command/up.ts')).up,
  down: async () => (await import('./command/up.ts')).down,
  clean: async () => (await import('./command/clean.ts')).clean,
  rejudge: async () => (await import('./command/rejudge.ts')).rejudge,
  prove: async () => (await import('./command/prove.ts')).prove,
  bench: async () => (await import('./command/prove.ts')).bench,
}

const main = async ([verb = '', ...argv]: readonly string[]): Promise<number> => {
  // A pass is exit code 0: who names no verb has asked for nothing, and nothing passed.
  if (verb === '') throw new ScenarioError(await helpFor([]), { code: 'ERR_VERB' })
  if (verb === 'help' || asksForHelp([verb, ...argv])) {
    console.log(await helpFor(verb === 'help' ? argv : [verb, ...argv]))
    return 0
  }
  const load = Object.hasOwn(VERBS, verb) ? VERBS[verb as VerbName] : undefined
  if (!load)
    throw new ScenarioError(`firedrill cannot '${verb}': expected one of ${Object.keys(VERBS).join(', ')}.`, {
      code: 'ERR_VERB',
    })
  return (await load())(argv)
}

/** On the error stream: in our own words where it is one of ours. */
const say = (error: unknown): void => {
  const isTold = error instanceof ScenarioError || error instanceof EnvironmentError || error instanceof FaultError
  console.error(isTold ? error.message : error)
}

// Whatever failed while nobody waited for it is no failed objective, which Node's own exit code 1 would say. A verdict that was told stands.
process.on('uncaughtException', (error) => {
  say(error)
  process.exit(process.exitCode ?? 3)
})

/** Time for what was said to be read. */
const LAST_WORDS_MS = 5000

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  say(error)
  process.exitCode = 3
}
// An answer that the engine still owes to somebody who gave up on it would keep the process for ever.
setTimeout(() => process.exit(), LAST_WORDS_MS).unref()
