// A container made otherwise: of another image, or told otherwise by its environment, under its own name and at its own address.
import type { ContainerCreateOptions, ContainerInspectInfo, ImageInspectInfo } from 'dockerode'
import { ScenarioError } from '../../time/errors.ts'
import { docker } from '../../topology/docker.ts'
import { REPLACES } from '../../topology/replacement.ts'
import { dockerReplacements, type Replacements } from './docker.ts'
import { againFrom, type Original, originalFrom } from './original.ts'

/** What is to be different. */
export interface Otherwise {
  /** A reference that this machine's engine knows. */
  readonly image?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Replacements that stand where the original stood, and are made otherwise. */
export const remade = ({ image, environment = {} }: Otherwise): Replacements => ({
  ...dockerReplacements,
  async look(container) {
    const inspected = await docker().getContainer(container).inspect()
    const own = await docker().getImage(inspected.Image).inspect()
    const wanted = image === undefined ? own : await docker().getImage(image).inspect()
    return remadeFrom(inspected, { own, wanted, environment, ...(image !== undefined && { image }) })
  },
})

interface Make {
  /** The image that it was made of, and the one that it is to be made of. */
  readonly own: Pick<ImageInspectInfo, 'Id' | 'Config'>
  readonly wanted: Pick<ImageInspectInfo, 'Id'>
  /** The reference of the wanted one, where another was asked for. */
  readonly image?: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * The original, with another of that make. Throws ScenarioError where it could not be replaced, or not become itself again, and
 * where another image was asked for and it runs that one already.
 */
export const remadeFrom = (inspected: ContainerInspectInfo, { own, wanted, image, environment }: Make): Original => {
  const again = againFrom(inspected)
  if (image !== undefined && own.Id === wanted.Id)
    throw new ScenarioError(
      `upgrade of ${originalFrom(inspected).name}: it runs ${image} already (${own.Id.slice(0, 19)}), so nothing would be upgraded. Name another image in FIREDRILL_UPGRADE_TO, or bring the deployment up with another in FIREDRILL_UPGRADE_FROM.`,
      { code: 'ERR_IMAGES' },
    )
  const asked = own.Id === wanted.Id ? again : withoutPresets(again, own.Config)
  return {
    ...originalFrom(inspected),
    create: {
      ...asked,
      Image: wanted.Id,
      Env: [...(asked.Env ?? []).filter((line) => !(nameOf(line) in environment)), ...linesOf(environment)],
      Labels: { ...asked.Labels, [REPLACES]: inspected.Id },
    },
  }
}

const PRESETS = ['Cmd', 'Entrypoint', 'WorkingDir', 'User', 'StopSignal', 'Healthcheck', 'ExposedPorts'] as const

/** What the old image preset, and nobody asked for, is the new image's to say. */
const withoutPresets = (options: ContainerCreateOptions, image: ImageInspectInfo['Config']): ContainerCreateOptions => {
  const presets = image as Readonly<Record<string, unknown>>
  const kept = Object.entries(options).filter(
    ([name, value]) =>
      !(PRESETS as readonly string[]).includes(name) || JSON.stringify(value) !== JSON.stringify(presets[name]),
  )
  const Env = (options.Env ?? []).filter((line) => !(image.Env ?? []).includes(line))
  return { ...Object.fromEntries(kept), Env }
}

const nameOf = (line: string): string => line.split('=')[0] ?? line

const linesOf = (environment: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(environment).map(([name, value]) => `${name}=${value}`)
