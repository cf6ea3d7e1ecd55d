// The scenarios there are, and those that were asked for.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../options.ts'
import { ScenarioError } from '../time/errors.ts'

const ENDING = '.scenario.ts'

/** A scenario's name, and the claim in its title. */
export interface ScenarioFile {
  readonly name: string
  readonly file: string
  readonly title: string
  /** '@data-plane', '@quick': as Playwright's own --grep knows them. */
  readonly tags: readonly string[]
  /** The roles without which there is nothing to claim. */
  readonly needs: readonly string[]
}

/** Every scenario, in order of name. */
export const scenarioFiles = async (): Promise<readonly ScenarioFile[]> => {
  const folder = join(ROOT, 'scenarios')
  const files = (await readdir(folder)).filter((file) => file.endsWith(ENDING)).sort()
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8')
      return {
        name: file.slice(0, -ENDING.length),
        file: join('scenarios', file),
        title: /scenario\(\s*(['"`])(.+?)\1/s.exec(text)?.[2] ?? '(no title)',
        tags: /\btag: (.+?), annotation/s.exec(text)?.[1]?.match(/@[\w-]+/g) ?? [],
        needs: /\bneeds: \[(.*?)\]/.exec(text)?.[1]?.match(/[\w-]+/g) ?? [],
      }
    }),
  )
}

/** The scenarios with these names; without names every one, or the quick ones, which a person waits for. Throws ScenarioError ERR_NO_SCENARIO on an unknown name. */
export const selected = async (
  names: readonly string[],
  { isAll }: { readonly isAll: boolean },
): Promise<readonly ScenarioFile[]> => {
  const all = await scenarioFiles()
  const unknown = names.filter((name) => !all.some((each) => each.name === name))
  if (unknown.length > 0 || all.length === 0) {
    throw new ScenarioError(
      `There is no scenario ${unknown.join(', ')}: expected any of ${all.map((each) => each.name).join(', ')}.`,
      { code: 'ERR_NO_SCENARIO' },
    )
  }
  if (names.length > 0) return all.filter((each) => names.includes(each.name))
  return isAll ? all : all.filter(({ tags }) => tags.includes('@quick'))
}

/** Those that apply to a deployment with these roles, and why each of the others does not. */
export const applicable = (
  scenarios: readonly ScenarioFile[],
  { stack, roles }: { readonly stack: string; readonly roles: ReadonlySet<string> },
): {
  readonly played: readonly ScenarioFile[]
  readonly skipped: readonly { readonly name: string; readonly because: string }[]
} => {
  const missingOf = ({ needs }: ScenarioFile): readonly string[] => needs.filter((role) => !roles.has(role))
  return {
    played: scenarios.filter((each) => missingOf(each).length === 0),
    skipped: scenarios
      .filter((each) => missingOf(each).length > 0)
      .map((each) => ({
        name: each.name,
        because: `The deployment ${stack} has no node with the role ${missingOf(each).join(', ')}.`,
      })),
  }
}
