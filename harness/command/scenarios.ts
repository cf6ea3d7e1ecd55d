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
  /** Roles, and settings as NAME=value, without which there is nothing to claim. */
  readonly needs: readonly string[]
}

/** What scenarios are to be played on. */
export interface PlayedOn {
  readonly stack: string
  readonly roles: ReadonlySet<string>
  /** As its Compose file will see them; one that is not there has the file's default. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** Every scenario, in order of name. */
export const scenarioFiles = async (): Promise<readonly ScenarioFile[]> => {
  const folder = join(ROOT, 'scenarios')
  const files = (await readdir(folder)).filter((file) => file.endsWith(ENDING)).sort()
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8')
      return { name: file.slice(0, -ENDING.length), file: join('scenarios', file), ...writtenIn(text, file) }
    }),
  )
}

/**
 * What a scenario file says beside its script, without running it: literals, or nobody here could read them. Throws ScenarioError ERR_SCENARIO
 * on a tag or a need that is written otherwise, which would be played where it must not, or left out; and on a second scenario, which nobody would judge.
 */
export const writtenIn = (source: string, file: string): Pick<ScenarioFile, 'title' | 'tags' | 'needs'> => {
  const text = source.replaceAll(/^\s*\/\/.*$/gm, '')
  const listed = (name: 'tag' | 'needs'): readonly string[] => {
    const written = new RegExp(`\\b${name}: (\\[[^\\]]*\\]|'[^'\\n]*')`).exec(text)?.[1]
    const words = written?.match(/'[^']+'/g)?.map((word) => word.slice(1, -1)) ?? []
    const isWhole = /^(?:\[(?:\s*'[^'\n]+'\s*,?)*\s*\]|'[^'\n]+')$/.test(written ?? '')
    if ((isWhole && words.length > 0) || !new RegExp(`[{,]\\s*${name}\\s*[:,}]`).test(text)) return words
    throw new ScenarioError(
      `${file} has a ${name} that is not written as words in single quotes, or as a list of them: nobody could read it without playing it.`,
      { code: 'ERR_SCENARIO' },
    )
  }
  if ((text.match(/(?<![\w.])scenario\(/g) ?? []).length > 1)
    throw new ScenarioError(`${file} declares several scenarios: a file is one, and goes by its name.`, {
      code: 'ERR_SCENARIO',
    })
  return {
    title: /scenario\(\s*(['"`])(.+?)\1/s.exec(text)?.[2] ?? '(no title)',
    tags: listed('tag'),
    needs: listed('needs'),
  }
}

/** The argument by which Playwright plays this scenario and no other: it looks for the pattern in each file's whole path. */
export const filterOf = ({ name }: Pick<ScenarioFile, 'name'>): string => `[/\\\\]${name}\\.scenario\\.ts$`

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

/** A star at the end is whatever follows, in one word of a list: alone it is any that was set. */
const isMet = (actual: string, wanted: string): boolean =>
  wanted.endsWith('*')
    ? actual.split(',').some((word) => word.trim().startsWith(wanted.slice(0, -1)))
    : actual === wanted

/** Why a need is not met on a deployment; null where it is. */
const lackOf = (need: string, { stack, roles, variables }: PlayedOn): string | null => {
  const [name = '', value] = need.split(/=(.*)/s)
  if (value === undefined) return roles.has(name) ? null : `has no node with the role ${name}`
  const actual = name === 'stack' ? stack : variables[name]
  if (actual && value.split('|').some((wanted) => isMet(actual, wanted))) return null
  return name === 'stack'
    ? `is not ${value}`
    : `has ${name}=${actual || '(its default)'}, and the claim is about ${need}`
}

/** Those that apply to a deployment, and why each of the others does not. */
export const applicable = (
  scenarios: readonly ScenarioFile[],
  on: PlayedOn,
): {
  readonly played: readonly ScenarioFile[]
  readonly skipped: readonly { readonly name: string; readonly because: string }[]
} => {
  const lacking = scenarios.map((each) => ({ each, lacks: each.needs.flatMap((need) => lackOf(need, on) ?? []) }))
  return {
    played: lacking.filter(({ lacks }) => lacks.length === 0).map(({ each }) => each),
    skipped: lacking
      .filter(({ lacks }) => lacks.length > 0)
      .map(({ each, lacks }) => ({ name: each.name, because: `The deployment ${on.stack} ${lacks.join(', and ')}.` })),
  }
}
