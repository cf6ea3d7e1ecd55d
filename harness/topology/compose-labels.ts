// What a deployment's files say of its nodes in labels, before there is a node.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { ScenarioError } from '../time/errors.ts'
import type { Zone } from './topology.ts'
import { yamlIn } from './yaml.ts'
import { zonesListed } from './zones.ts'

/** The roles that the files give nodes. Throws ScenarioError ERR_STACK on a file that is no YAML. */
export const rolesOf = async (files: readonly string[]): Promise<ReadonlySet<string>> =>
  new Set(await labelled(files, 'firedrill.role'))

/** The zones in which the files have callers stand, in this environment; none where no file has the label for it. Throws as rolesOf. */
export const callerZonesOf = async (
  files: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<readonly Zone[]> => {
  const asSet = (label: string): string =>
    label.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, byDefault = '') => environment[name] || byDefault)
  return zonesListed((await labelled(files, 'firedrill.callers')).map(asSet).join(' '))
}

/** What services have this label for, one after another. */
const labelled = async (files: readonly string[], name: string): Promise<readonly string[]> => {
  const services = await Promise.all(files.map(servicesOf))
  return services.flat().flatMap((service) => labelIn(membersOf(service).labels, name) ?? [])
}

const servicesOf = async (file: string): Promise<readonly unknown[]> =>
  Object.values(membersOf(membersOf(parsed(file, await readFile(file, 'utf8'))).services))

const parsed = (file: string, text: string): unknown => {
  try {
    return yamlIn(text)
  } catch (cause) {
    // The parser would quote the text, which may hold secrets: where it stopped is all that is said.
    const place = /line \d+,? column \d+/.exec((cause as Error).message)?.[0] ?? 'nowhere in particular'
    throw new ScenarioError(`The Compose file ${basename(file)} is no YAML (${place}).`, { code: 'ERR_STACK' })
  }
}

/** Labels as Compose takes them: a mapping, or a list of NAME=value. */
const labelIn = (labels: unknown, name: string): string | undefined => {
  if (!Array.isArray(labels)) return textOr(membersOf(labels)[name])
  const label = labels.find((each) => textOr(each)?.startsWith(`${name}=`))
  return textOr(label)?.slice(name.length + 1)
}

const textOr = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** None of what is no mapping: a file that means nothing is Compose's to refuse. */
const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
