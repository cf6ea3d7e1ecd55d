// Which image each role runs, as a person writes it: control-plane=IMAGE,data-plane=IMAGE.
import { ScenarioError } from '../time/errors.ts'
import type { Role } from './topology.ts'

/** The variable of a Compose file by which each role is given its image. */
const VARIABLES = {
  'control-plane': 'FIREDRILL_CONTROL_PLANE_IMAGE',
  'data-plane': 'FIREDRILL_GATEWAY_IMAGE',
} as const satisfies Partial<Record<Role, string>>

type Upgraded = keyof typeof VARIABLES

/** None where nothing is given. `name` is the variable that holds the text. Throws ScenarioError ERR_IMAGES on anything else. */
export const imagesByRole = (name: string, text: string | undefined): Readonly<Partial<Record<Upgraded, string>>> => {
  if (!text) return {}
  const pairs = text.split(',').map((pair) => pair.trim().split(/=(.*)/s))
  const isKnown = pairs.every(([role = '', image]) => role in VARIABLES && image)
  if (isKnown) return Object.fromEntries(pairs.map(([role, image]) => [role, image]))
  throw new ScenarioError(
    `${name} is '${text}': expected role=image pairs, separated by commas, of ${Object.keys(VARIABLES).join(' and ')}.`,
    { code: 'ERR_IMAGES' },
  )
}

/** What makes a Compose file bring a deployment up with these images. */
export const imageVariables = (images: Readonly<Partial<Record<Upgraded, string>>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(images).map(([role, image]) => [VARIABLES[role as Upgraded], image]))
