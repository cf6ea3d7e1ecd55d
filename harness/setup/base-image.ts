// The two bases every image stands on: the public ones where the engine has or reaches them, else our own.
import type Docker from 'dockerode'
import { debianRecipe, makeDebian, recipeHash } from './base-debian.ts'
import { makeNode, nodeRecipe } from './base-node.ts'
import type { Consent } from './debian.ts'
import { type HeldImage, heldAs } from './docker.ts'
import { inputsLabel } from './image-inputs.ts'
import { tagOf } from './image-list.ts'
import { pull, registryOffers } from './registry.ts'
import type { Say } from './step.ts'

/** A base: what Dockerfiles call it, and exactly which one it is. */
export interface Base {
  readonly tag: string
  readonly id: string
}

export interface Bases {
  readonly debian: Base
  readonly node: Base
}

const publicTags = { debian: 'debian:bookworm-slim', node: 'node:24-bookworm-slim' } as const

/** The bases to build on. Nothing is asked of a network when the engine holds them. */
export const bases = async (
  docker: Docker,
  { held, consent, tell }: { held: readonly HeldImage[]; consent: Consent; tell: Say },
): Promise<Bases> => {
  const recipe = await debianRecipe()
  const debian =
    heldPublic(held, publicTags.debian) ??
    heldOurs(held, tagOf('base-debian'), recipeHash(recipe)) ??
    (await pulled(docker, publicTags.debian, tell)) ??
    (await made(tagOf('base-debian'), tell, (tag) => makeDebian(docker, { tag, recipe, consent, tell })))
  const inputs = await nodeRecipe(debian.id)
  const node =
    heldPublic(held, publicTags.node) ??
    heldOurs(held, tagOf('base-node'), inputs) ??
    // A registry that gave no Debian a moment ago is not asked again.
    (debian.tag === publicTags.debian ? await pulled(docker, publicTags.node, tell) : undefined) ??
    (await made(tagOf('base-node'), tell, (tag) => makeNode(docker, { tag, debian: debian.tag, inputs })))
  return { debian, node }
}

/** The bases as they are now, when both are there: what `doctor` may know without changing anything. */
export const heldBases = async (held: readonly HeldImage[]): Promise<Bases | undefined> => {
  const debian =
    heldPublic(held, publicTags.debian) ?? heldOurs(held, tagOf('base-debian'), recipeHash(await debianRecipe()))
  if (!debian) return undefined
  const node = heldPublic(held, publicTags.node) ?? heldOurs(held, tagOf('base-node'), await nodeRecipe(debian.id))
  return node && { debian, node }
}

const heldPublic = (held: readonly HeldImage[], tag: string): Base | undefined => {
  const image = heldAs(held, tag)
  return image && { tag, id: image.id }
}

const heldOurs = (held: readonly HeldImage[], tag: string, inputs: string): Base | undefined => {
  const image = heldAs(held, tag)
  return image?.labels[inputsLabel] === inputs ? { tag, id: image.id } : undefined
}

const pulled = async (docker: Docker, tag: string, tell: Say): Promise<Base | undefined> => {
  if (!(await registryOffers(docker, tag))) return undefined
  tell(`pulling ${tag}`)
  return { tag, id: await pull(docker, tag) }
}

const made = async (tag: string, tell: Say, make: (tag: string) => Promise<string>): Promise<Base> => {
  tell(`making ${tag}, since no registry has one for this engine`)
  return { tag, id: await make(tag) }
}
