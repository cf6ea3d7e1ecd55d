// `npm run prove:…` and `npm run bench:…`: what firedrill says of itself, shown on this machine.
import type { ParseArgsOptionsConfig } from 'node:util'
import { ScenarioError } from '../time/errors.ts'
import { makeReady } from './ready.ts'
import { wordsOf } from './words.ts'

type Program = (argv: readonly string[]) => Promise<number>

interface Proof {
  /** Its flags, as it parses them itself. */
  readonly OPTIONS: ParseArgsOptionsConfig
  readonly main: Program
}

/** Loaded when it is asked for. */
type Proofs = Readonly<Record<string, () => Promise<Proof>>>

const PROOFS: Proofs = {
  sensitivity: () => import('../proof/prove-sensitivity.ts'),
  healing: () => import('../proof/prove-healing.ts'),
  attestation: () => import('../proof/prove-attestation.ts'),
  specificity: () => import('../proof/prove-specificity.ts'),
  mutants: () => import('../proof/prove-mutants.ts'),
}

const BENCHES: Proofs = {
  faults: () => import('../proof/bench-faults.ts'),
  analysis: () => import('../proof/bench-analysis.ts'),
  accuracy: () => import('../proof/bench-accuracy.ts'),
  load: () => import('../proof/bench-load.ts'),
  memory: () => import('../proof/bench-memory.ts'),
}

/** These need no engine and no image. */
const NEEDS_NOTHING: ReadonlySet<string> = new Set(['analysis', 'load', 'memory', 'mutants'])

/** The flags of a proof or a bench; undefined where there is no such one. */
export const flagsOf = async (verb: 'prove' | 'bench', what: string): Promise<ParseArgsOptionsConfig | undefined> => {
  const proofs = verb === 'prove' ? PROOFS : BENCHES
  return Object.hasOwn(proofs, what) ? (await proofs[what]?.())?.OPTIONS : undefined
}

const oneOf =
  (proofs: Proofs, verb: string) =>
  async ([what = '', ...argv]: readonly string[]): Promise<number> => {
    const load = Object.hasOwn(proofs, what) ? proofs[what] : undefined
    if (!load)
      throw new ScenarioError(
        `firedrill cannot ${verb} '${what}': expected one of ${Object.keys(proofs).join(', ')}.`,
        {
          code: 'ERR_VERB',
        },
      )
    const { OPTIONS: options, main } = await load()
    // Before anything is made ready: the proof itself comes to its flags after that.
    wordsOf(`${verb}:${what}`, argv, { options })
    if (!NEEDS_NOTHING.has(what)) await makeReady(['engine', 'images'])
    return main(argv)
  }

/** Exit code 0 when it is so. */
export const prove: Program = oneOf(PROOFS, 'prove')

/** Exit code 0 when every target is met. */
export const bench: Program = oneOf(BENCHES, 'bench')
