// The images a deployment is made of: where each Dockerfile lies, what goes into it, and which base it stands on.

/** One image to build. Paths are relative to the repository. */
export interface ImageSpec {
  readonly name: string
  readonly base: 'debian' | 'node'
  readonly dockerfile: string
  readonly context: string
  /** Files and folders of the context that count; a folder is taken whole, less tests and node_modules. */
  readonly inputs: readonly string[]
}

const standIn = (name: string): ImageSpec => ({
  name,
  base: 'node',
  dockerfile: `compose/images/${name}/Dockerfile`,
  context: 'compose/stand-in',
  inputs: ['.'],
})

const fromDebian = (name: string): ImageSpec => ({
  name,
  base: 'debian',
  dockerfile: `compose/images/${name}/Dockerfile`,
  context: `compose/images/${name}`,
  inputs: ['.'],
})

/** In the order they are built: the slowest first, since two are built at a time. */
export const imageSpecs: readonly ImageSpec[] = [
  fromDebian('postgres'),
  standIn('control-plane'),
  standIn('gateway'),
  standIn('upstream'),
  fromDebian('load-balancer'),
  fromDebian('etcd'),
  fromDebian('fault-helper'),
  {
    name: 'callers',
    base: 'node',
    dockerfile: 'compose/images/callers/Dockerfile',
    context: 'harness',
    inputs: [
      'time',
      'history/call.ts',
      'history/call-record.ts',
      'history/mix.ts',
      'history/schedule.ts',
      'traffic/caller',
    ],
  },
]

const ofItsOwn = (name: string): ImageSpec => ({
  name,
  base: 'node',
  dockerfile: `compose/images/${name}/Dockerfile`,
  context: `compose/images/${name}`,
  inputs: ['.'],
})

/** What only the Compose profiles of Fallback CP need: built when a profile is asked for. */
const profileSpecs: readonly ImageSpec[] = [ofItsOwn('object-store'), ofItsOwn('azurite')]

/** The images that a machine with this environment needs. COMPOSE_PROFILES is Compose's own variable. */
export const specsFor = (environment: NodeJS.ProcessEnv): readonly ImageSpec[] =>
  environment.COMPOSE_PROFILES ? [...imageSpecs, ...profileSpecs] : imageSpecs

/** Never a public name: what we make is ours and local. */
export const tagOf = (name: string): string => `firedrill/${name}:local`
