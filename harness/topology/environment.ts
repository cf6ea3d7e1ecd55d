// What a container of the deployment was told by its environment, as the engine has it on record.
import { docker } from './docker.ts'
import type { Node } from './topology.ts'

/** The variables of a node's first container; none for a node without containers. May hold secrets: never recorded whole. */
export const environmentOf = async (node: Node): Promise<Readonly<Record<string, string>>> => {
  const [container] = node.containers
  if (!container) return {}
  const { Config } = await docker().getContainer(container.id).inspect()
  return variablesIn(Config.Env)
}

/** The engine's lines, NAME=value, as a record. */
export const variablesIn = (lines: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
