// `--help`: what each verb does and which words it takes, for whoever has no README at hand.
import type { OPTIONS as DRILL } from './flags.ts'
import type { OPTIONS as TEST } from './test.ts'
import type { OPTIONS as UP } from './up.ts'

interface Help {
  /** As it is typed. */
  readonly usage: string
  readonly does: string
  /** By flag: the value that it takes, if any, and what it is for. */
  readonly flags?: Readonly<Record<string, Flag>>
}

type Flag = readonly [value: string, does: string]

const DRILL_FLAGS: Readonly<Record<keyof typeof DRILL, Flag>> = {
  all: ['', 'every scenario, not only the quick ones'],
  suite: ['NAME', 'smoke, acceptance, nightly or upgrade'],
  stack: ['NAME', 'a Compose file in compose: high-availability (default), multi-zone, etcd, or one of your own'],
  defect: ['ID', 'a planted defect over it, from compose/defects'],
  times: ['N', 'plays each scenario N times and gives distributions'],
  seed: ['N', 'what is drawn at random is drawn from it; the report names it'],
  rate: ['N', 'calls a second, shared by the main lanes'],
  deadline: ['2s', 'after how long a call counts as unanswered'],
  calls: ['FILE', 'what callers ask for: a profile, a HAR file, or an OpenAPI description'],
  objectives: ['FILE', 'a team\'s own limits: { "data-plane-failover": { "p99": "500ms" } }'],
  from: ['IMAGES', 'what an upgrade goes from: control-plane=IMAGE,data-plane=IMAGE'],
  to: ['IMAGES', 'and what it goes to'],
  'rerun-inconclusive': ['N', 'how often what proved nothing is played again (1), never after a failure'],
  keep: ['', 'leaves a deployment that did not pass up, healed, and prints its addresses'],
  list: ['', 'says which scenarios there are, and plays none'],
  plan: ['', 'says what would be played, on what, and what would not and why; plays none'],
}

const UP_FLAGS: Readonly<Record<keyof typeof UP, Flag>> = { stack: DRILL_FLAGS.stack, defect: DRILL_FLAGS.defect }

const TEST_FLAGS: Readonly<Record<keyof typeof TEST, Flag>> = {
  quick: ['', 'without the drills'],
  all: ['', 'with every proof that a sample stands for otherwise; takes hours'],
}

const HELP = {
  drill: {
    usage: 'npm run drill -- [names of scenarios] [flags]',
    does: 'brings a deployment up, breaks it, judges what callers had; without names the four quick scenarios',
    flags: DRILL_FLAGS,
  },
  test: { usage: 'npm test -- [flags]', does: 'types, lint, tests, and the drills that prove it', flags: TEST_FLAGS },
  doctor: { usage: 'npm run doctor', does: 'says what this machine can do, what is missing and how to get it' },
  up: { usage: 'npm run up -- [flags]', does: 'brings a deployment up to look around in', flags: UP_FLAGS },
  down: { usage: 'npm run down', does: 'removes what `up` brought up' },
  clean: {
    usage: 'npm run clean -- [names of runs]',
    does: 'heals and removes what runs that died left behind, or the runs that are named',
  },
  rejudge: { usage: 'npm run rejudge -- reports/runs/RUN', does: 'judges a saved run again, from its files alone' },
  prove: {
    usage: 'npm run prove:WHAT -- [flags]',
    does: 'sensitivity, specificity, healing, attestation or mutants: whether a verdict can be trusted',
  },
  bench: {
    usage: 'npm run bench:WHAT -- [flags]',
    does: 'accuracy, load, memory, analysis or faults: what it measures, and what that costs',
  },
} satisfies Readonly<Record<string, Help>>

/** Every verb there is. */
export type VerbName = keyof typeof HELP

const EXIT_CODES =
  'Exit codes: 0 pass, 1 fail, 2 inconclusive, 3 the machine or the request is at fault. More is in README.md.'

/** Whether somebody asked what there is, instead of for something. */
export const asksForHelp = (words: readonly string[]): boolean =>
  words.some((word) => word === '--help' || word === '-h')

/** What a verb takes, of `prove` and `bench` what the one that is named next takes; all verbs where none is named, or one that there is not. */
export const helpFor = async ([verb = '', what = '']: readonly string[]): Promise<string> => {
  const help: Help | undefined = Object.hasOwn(HELP, verb) ? HELP[verb as VerbName] : undefined
  if (!help) {
    const lines = Object.values(HELP).map(({ usage, does }) => `  ${usage.padEnd(48)} ${does}`)
    return ['firedrill: failover drills for API gateways.', '', ...lines, '', EXIT_CODES].join('\n')
  }
  const flags = Object.entries(help.flags ?? (await flagsOfProof(verb, what))).map(([name, [value, does]]) =>
    `  ${`--${name} ${value}`.trimEnd().padEnd(24)} ${does}`.trimEnd(),
  )
  return [`${help.usage}: ${help.does}.`, ...(flags.length > 0 ? ['', ...flags] : []), '', EXIT_CODES].join('\n')
}

/** As its own code has them: with what holds where nothing is said. */
const flagsOfProof = async (verb: string, what: string): Promise<Readonly<Record<string, Flag>>> => {
  if (verb !== 'prove' && verb !== 'bench') return {}
  const { flagsOf } = await import('./prove.ts')
  const flags = Object.entries((await flagsOf(verb, what)) ?? {})
  return Object.fromEntries(
    flags.map(([name, { type, default: byDefault }]): [string, Flag] => {
      const usual = byDefault === undefined || byDefault === false ? '' : `${byDefault} by default`
      return [name, [type === 'string' ? 'VALUE' : '', usual]]
    }),
  )
}
