// `npm run prove:…` and `npm run bench:…`: what firedrill says of itself, shown on this machine.
import { ScenarioError } from '../time/errors.ts'
import { makeReady } from './ready.ts'

type Program = (argv: readonly string[]) => Promise<number>

const PROOFS: Readonly<Record<string, () => Promise<Program>>> = {
  sensitivity: async () => (await import('../proof/prove-sensitivity.ts')).main,
  healing: async () => (await import('../proof/prove-healing.ts')).main,
  attestation: async () => (await import('../proof/prove-attestation.ts')).main,
  specificity: async () => (await import('../proof/prove-specificity.ts')).main,
  mutants: async () => (await import('../proof/prove-mutants.ts')).main,
}

const BENCHES: Readonly<Record<string, () => Promise<Program>>> = {
  faults: async () => (await import('../proof/bench-faults.ts')).main,
  analysis: async () => (await import('../proof/bench-analysis.ts')).main,
  accuracy: async () => (await import('../proof/bench-accuracy.ts')).main,
  load: async () => (await import('../proof/bench-load.ts')).main,
  memory: async () => (await import('../proof/bench-memory.ts')).main,
}

/** These need no engine and no image. */
const NEEDS_NOTHING: ReadonlySet<string> = new Set(['analysis', 'load', 'memory', 'mutants'])

const oneOf =
  (programs: Readonly<Record<string, () => Promise<Program>>>, verb: string) =>
  async ([what = '', ...argv]: readonly string[]): Promise<number> => {
    const load = Object.hasOwn(programs, what) ? programs[what] : undefined
    if (!load)
      throw new ScenarioError(
        `firedrill cannot ${verb} '${what}': expected one of ${Object.keys(programs).join(', ')}.`,
        {
          code: 'ERR_VERB',
        },
      )
    if (!NEEDS_NOTHING.has(what)) await makeReady(['engine', 'images'])
    return (await load())(argv)
  }

/** Exit code 0 when it is so. */
export const prove: Program = oneOf(PROOFS, 'prove')

/** Exit code 0 when every target is met. */
export const bench: Program = oneOf(BENCHES, 'bench')
