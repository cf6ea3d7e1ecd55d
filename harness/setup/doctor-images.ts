// The images as doctor sees them: which are to be built, and whether there is anything to build them on.
import type Docker from 'dockerode'
import { debianRecipe, recipeHash } from './base-debian.ts'
import { heldBases } from './base-image.ts'
import { type Check, good, missing, note } from './check.ts'
import { onPath } from './command.ts'
import { isRoot, mayUseApt } from './debian.ts'
import { engineApi, type HeldImage, heldAs, heldImages } from './docker.ts'
import { inputsLabel } from './image-inputs.ts'
import { imageSpecs, tagOf } from './image-list.ts'
import { imagesOutOfDate } from './images.ts'
import { registryOffers } from './registry.ts'

/** Less than a drill gives a registry: doctor has two seconds for everything. */
const registryLimitMs = 1000
const publicDebian = 'debian:bookworm-slim'

/** One line. Images that are due are no lack, unless a drill would have no base to build them on. */
export const imagesCheck = async (docker: Docker = engineApi()): Promise<Check> => {
  const held = await heldImages(docker)
  const below = await heldBases(held)
  const due = below ? await imagesOutOfDate(held, below) : imageSpecs.map(({ name }) => name)
  if (due.length === 0)
    return good('images', `${imageSpecs.length} of ${imageSpecs.length} are up to date, on ${below?.node.tag}`)
  if (!below && !(await canHaveBase(docker, held)))
    return missing(
      'images',
      `the engine holds no base to build them on, and no registry offered it one within ${registryLimitMs / 1000} s`,
      `Load ${publicDebian} and node:24-bookworm-slim into the engine, or run as root on Debian, where one is made.`,
    )
  return note('images', `to build: ${due.join(', ')}`, '`npm run drill` builds them, in about a minute.')
}

/** In a drill's own order, cheapest first: with a Debian the rest is made from it, wherever that came from. */
const canHaveBase = async (docker: Docker, held: readonly HeldImage[]): Promise<boolean> =>
  (await holdsDebian(held)) || (await mayMakeDebian()) || (await registryOffers(docker, publicDebian, registryLimitMs))

const holdsDebian = async (held: readonly HeldImage[]): Promise<boolean> => {
  if (heldAs(held, publicDebian)) return true
  const ours = heldAs(held, tagOf('base-debian'))
  return ours !== undefined && ours.labels[inputsLabel] === recipeHash(await debianRecipe())
}

const mayMakeDebian = async (): Promise<boolean> =>
  (isRoot() && onPath('debootstrap') !== undefined) ||
  mayUseApt({ install: process.env.FIREDRILL_NO_INSTALL !== '1', ask: 'never' })
