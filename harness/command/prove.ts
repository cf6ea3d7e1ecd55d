// `npm run prove:…` and `npm run bench:…`: what firedrill says of itself, shown on this machine.
import type { ParseArgsOptionsConfig } from 'node:util'
import { ScenarioError } from '../time/errors.ts'
import { makeReady } from './ready.ts'
import { wordsOf } from './words.ts'

type Program = (argv: readonly string[]) => Promise<number>

interface Proof {
  readonly load: () => Promise<{ readonly main: Program }>
  /** Its flags with a value after each, as its own file parses them. */
  readonly flags: readonly string[]
  /** Those without. */
  readonly switches?: readonly string[]
}

export const PROOFS: Readonly<Record<string, Proof>> = {
  sensitivity: { load: () => import('../proof/prove-sensitivity.ts'), flags: ['only'] },
  healing: {
    load: () => import('../proof/prove-healing.ts'),
    flags: ['times', 'seed'],
    switches: ['restart-engine'],
  },
  attestation: { load: () => import('../proof/prove-attestation.ts'), flags: ['times', 'seed'] },
  specificity: {
    load: () => import('../proof/prove-specificity.ts'),
    flags: ['times', 'suite', 'seed', 'rerun-inconclusive', 'keep'],
    switches: ['oversubscribed'],
  },
  mutants: { load: () => import('../proof/prove-mutants.ts'), flags: ['only'] },
}

export const BENCHES: Readonly<Record<string, Proof>> = {
  faults: { load: () => import('../proof/bench-faults.ts'), flags: ['times'] },
  analysis: { load: () => import('../proof/bench-analysis.ts'), flags: ['calls', 'times'] },
  accuracy: {
    load: () => import('../proof/bench-accuracy.ts'),
    flags: ['kinds', 'rates', 'lengths', 'times', 'soak-seconds', 'keep'],
  },
  load: { load: () => import('../proof/bench-load.ts'), flags: ['times', 'seconds', 'only'] },
  memory: { load: () => import('../proof/bench-memory.ts'), flags: ['calls', 'rate'] },
}

/** These need no engine and no image. */
const NEEDS_NOTHING: ReadonlySet<string> = new Set(['analysis', 'load', 'memory', 'mutants'])

const optionsOf = ({ flags, switches = [] }: Proof): ParseArgsOptionsConfig => ({
  ...Object.fromEntries(flags.map((name) => [name, { type: 'string' }])),
  ...Object.fromEntries(switches.map((name) => [name, { type: 'boolean' }])),
})

const oneOf =
  (proofs: Readonly<Record<string, Proof>>, verb: string) =>
  async ([what = '', ...argv]: readonly string[]): Promise<number> => {
    const proof = Object.hasOwn(proofs, what) ? proofs[what] : undefined
    if (!proof)
      throw new ScenarioError(
        `firedrill cannot ${verb} '${what}': expected one of ${Object.keys(proofs).join(', ')}.`,
        {
          code: 'ERR_VERB',
        },
      )
    // Before anything is made ready: the proof itself comes to its flags after that.
    wordsOf(`${verb}:${what}`, argv, { options: optionsOf(proof) })
    if (!NEEDS_NOTHING.has(what)) await makeReady(['engine', 'images'])
    return (await proof.load()).main(argv)
  }

/** Exit code 0 when it is so. */
export const prove: Program = oneOf(PROOFS, 'prove')

/** Exit code 0 when every target is met. */
export const bench: Program = oneOf(BENCHES, 'bench')
