// Builds the deployment's images: those whose inputs changed since they were last built, two at a time.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Docker from 'dockerode'
import { EnvironmentError } from '../time/errors.ts'
import { type Bases, bases } from './base-image.ts'
import type { Consent } from './debian.ts'
import { engineApi, type HeldImage, heldAs, heldImages } from './docker.ts'
import { buildImage } from './image-build.ts'
import { inputFiles, inputsHash, inputsLabel, tarOf } from './image-inputs.ts'
import { type ImageSpec, imageSpecs, specsFor, tagOf } from './image-list.ts'
import type { Say } from './step.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Image reference → image id. */
export type Images = Readonly<Record<string, string>>

/** Every image of the list, built where it is missing or out of date. */
export const imagesReady = async (
  consent: Consent,
  tell: Say,
  specs: readonly ImageSpec[] = specsFor(process.env),
): Promise<{ readonly value: Images; readonly text: string }> => {
  const docker = engineApi()
  const held = await heldImages(docker)
  const below = await bases(docker, { held, consent, tell })
  const plans = await Promise.all(specs.map((spec) => planned(spec, { below, held })))
  const due = plans.filter((plan) => plan.id === undefined)
  const built = await twoAtATime(due, (plan) => buildPlanned(docker, plan, tell))
  if (due.length > 0) await removeReplaced(docker)
  const ids = new Map([...plans, ...built].map(({ spec, id }) => [tagOf(spec.name), id ?? '']))
  const text =
    due.length === 0 ? `${plans.length} images are up to date` : `${due.length} of ${plans.length} images built`
  return { value: Object.fromEntries(ids), text }
}

/** Which images of the list the engine holds, up to date or not: a look, nothing is built. */
export const imagesOutOfDate = async (held: readonly HeldImage[], below: Bases): Promise<readonly string[]> => {
  const plans = await Promise.all(imageSpecs.map((spec) => planned(spec, { below, held })))
  return plans.filter(({ id }) => id === undefined).map(({ spec }) => spec.name)
}

interface Plan {
  readonly spec: ImageSpec
  readonly inputs: string
  readonly files: readonly string[]
  readonly buildArgs: Readonly<Record<string, string>>
  /** The image's id when it is up to date. */
  readonly id: string | undefined
}

const planned = async (
  spec: ImageSpec,
  { below, held }: { below: Bases; held: readonly HeldImage[] },
): Promise<Plan> => {
  if (!existsSync(join(root, spec.dockerfile))) {
    throw new EnvironmentError(
      `${spec.dockerfile} is missing: restore it with \`git checkout -- ${spec.dockerfile}\`.`,
      {
        code: 'ERR_IMAGE_SOURCE',
      },
    )
  }
  const context = join(root, spec.context)
  const files = await inputFiles(context, spec.inputs)
  const buildArgs = await buildArgsOf(spec, below)
  const dockerfile = await readFile(join(root, spec.dockerfile), 'utf8')
  const inputs = await inputsHash(
    { dockerfile, base: below[spec.base].id, buildArgs: JSON.stringify(buildArgs) },
    { context, files },
  )
  const there = heldAs(held, tagOf(spec.name))
  const isCurrent = there?.labels[inputsLabel] === inputs
  return {
    spec,
    inputs,
    files,
    buildArgs,
    id: isCurrent ? there.id : undefined,
  }
}

const buildArgsOf = async (spec: ImageSpec, below: Bases): Promise<Readonly<Record<string, string>>> => {
  const base = spec.base === 'debian' ? { DEBIAN_BASE: below.debian.tag } : { NODE_BASE: below.node.tag }
  return spec.name === 'callers' ? { ...base, ...(await callersPackages()) } : base
}

/** The callers send with what the harness was tested with. */
const callersPackages = async (): Promise<Readonly<Record<string, string>>> => {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const { undici, autocannon } = (
    manifest as { readonly dependencies: Readonly<Record<'undici' | 'autocannon', string>> }
  ).dependencies
  return { UNDICI_VERSION: undici, AUTOCANNON_VERSION: autocannon }
}

const buildPlanned = async (docker: Docker, plan: Plan, tell: Say): Promise<Plan & { readonly id: string }> => {
  const { spec, inputs, files, buildArgs } = plan
  const startedAt = performance.now()
  const dockerfile = join(root, spec.dockerfile)
  const context = tarOf([
    { from: join(root, spec.context), entries: files },
    { from: dirname(dockerfile), entries: ['Dockerfile'] },
  ])
  const id = await buildImage(docker, { tag: tagOf(spec.name), context, inputs, buildArgs })
  tell(`${spec.name} built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  return { ...plan, id }
}

/** What a build replaced has lost its name. The engine keeps it while a container runs on it. */
const removeReplaced = async (docker: Docker): Promise<void> => {
  await docker.pruneImages({ filters: { dangling: ['true'], label: [inputsLabel] } })
}

/** More than two builds at once are slower on two cores. */
const twoAtATime = async <In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<readonly Out[]> => {
  const done: Out[] = []
  const waiting = [...items]
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) done.push(await work(item))
  }
  await Promise.all([lane(), lane()])
  return done
}
