// House rules as a test: who may import whom, one door for each third-party package, how long a function may be, and words that are not used.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { functionLengths } from './function-lengths.fixture.ts'
import { OBJECTIVES } from './verdict/objectives.ts'

const HARNESS = import.meta.dirname
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  time: [],
  setup: ['time'],
  topology: ['time', 'setup'],
  history: ['time', 'topology'],
  traffic: ['time', 'topology', 'history'],
  fault: ['time', 'topology', 'history'],
  analysis: ['time', 'topology', 'history'],
  verdict: ['time', 'topology', 'history', 'analysis'],
  report: ['time', 'history', 'analysis', 'verdict'],
  stage: ['time', 'topology', 'history', 'traffic', 'fault', 'analysis', 'report', 'options.ts'],
  acts: ['time', 'topology', 'history', 'traffic', 'fault', 'options.ts'],
}

interface Source {
  /** Relative to harness/, with slashes. */
  readonly path: string
  readonly room: string
  readonly text: string
  readonly imports: readonly string[]
}

const sources: readonly Source[] = readdirSync(HARNESS, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.[jt]s$/.test(path))
  .map((path) => {
    const text = readFileSync(join(HARNESS, path), 'utf8')
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')
    return { path, room: path.split('/')[0] ?? '', text, imports }
  })

const isTest = ({ path }: Source): boolean => /\.(test|fixture|proof)\.ts$/.test(path)
const roomOf = (source: Source, specifier: string): string | null => {
  if (!specifier.startsWith('.')) return null
  const path = relative(HARNESS, join(HARNESS, dirname(source.path), specifier))
  return path.includes('/') ? (path.split('/')[0] ?? null) : path
}

describe('the import law', () => {
  test.each(Object.keys(ROOMS))('%s imports only the rooms it may', (room) => {
    const strays = sources
      .filter((source) => source.room === room && !isTest(source))
      .flatMap((source) => source.imports.map((specifier) => ({ from: source.path, to: roomOf(source, specifier) })))
      .filter(({ to }) => to !== null && to !== room && !ROOMS[room]?.includes(to))
    expect(strays).toEqual([])
  })

  test('scenarios know the front door only', () => {
    const folder = join(HARNESS, '..', 'scenarios')
    const strays = readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/from '([^']+)'/g)]
        .map((match) => match[1])
        .filter((specifier) => specifier !== '#harness'),
    )
    expect(strays).toEqual([])
  })

  test('what is concluded touches nothing: analysis and verdict know no file, process or network', () => {
    const worldly = /^(node:(?!assert)|dockerode|zx|testcontainers|undici|@playwright)/
    const strays = sources
      .filter((source) => ['analysis', 'verdict'].includes(source.room) && !isTest(source))
      .flatMap((source) =>
        source.imports
          .filter((specifier) => worldly.test(specifier))
          .map((specifier) => `${source.path}: ${specifier}`),
      )
    expect(strays).toEqual([])
  })
})

describe('one door for each package', () => {
  const packages = [...new Set(sources.filter((source) => !isTest(source)).flatMap((source) => source.imports))]
    .filter((specifier) => /^[@a-z]/.test(specifier) && !specifier.startsWith('node:'))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  // Playwright is the runner: its fixtures, its configuration and its browser are three doors by nature.
  const runners = ['@playwright/test', 'vitest']
  const importsValue = (source: Source, name: string): boolean =>
    new RegExp(`^import (?!type )(?:\\w+|\\{[^}]*\\}|\\* as \\w+|, )+ from '${name}(/[^']*)?'`, 'm').test(source.text)
  // The callers are a program of their own, in a container of their own: their folder is one door.
  const doorOf = ({ path }: Source): string => (path.startsWith('traffic/caller/') ? 'traffic/caller' : path)

  test.each([...new Set(packages)].filter((name) => !runners.includes(name)).sort())('%s', (name) => {
    const doors = [...new Set(sources.filter((source) => !isTest(source) && importsValue(source, name)).map(doorOf))]
    expect(doors.length, `${name} has the doors ${doors.join(', ')}`).toBeLessThanOrEqual(1)
  })
})

describe('files', () => {
  test('each opens with one sentence on what it holds', () => {
    const silent = sources
      .filter(
        (source) => !isTest(source) && !/^\/\/ \S.*[.:]\s*$/m.test(source.text.split('\n').slice(0, 3).join('\n')),
      )
      .map((source) => source.path)
    expect(silent).toEqual([])
  })

  test('each script says that its types are checked', () => {
    const unchecked = sources.filter(({ path, text }) => path.endsWith('.js') && !/^\/\/ @ts-check$/m.test(text))
    expect(unchecked.map(({ path }) => path)).toEqual([])
  })

  test('none is named for nothing', () => {
    expect(
      sources
        .filter(({ path }) => /(utils?|helpers?|common|manager|service|misc)\b/.test(path))
        .map(({ path }) => path),
    ).toEqual([])
  })

  test('none silences the checks', () => {
    const silencing = new RegExp(`@ts-(ignore|nocheck|expect-error)|${'biome'}-ignore`)
    expect(sources.filter((source) => silencing.test(source.text)).map(({ path }) => path)).toEqual([])
  })
})

describe('functions', () => {
  const MOST_LINES = 70
  /** Those that had more when this rule was made, and how many: they may shrink, and leave this list for good. */
  const LONG: Readonly<Record<string, number>> = {
    'analysis/analyse.ts analyse': 71,
    'command/play.ts playRun': 75,
    'fault/certificate.ts certificate': 71,
    'fault/crash.ts crash': 90,
    'fault/disk.ts disk': 112,
    'fault/faults.ts createFaults': 127,
    'fault/healing.ts createHealing': 122,
    'fault/network/docker.ts dockerNetwork': 81,
    'fault/reload.ts reload': 130,
    'fault/remake.ts remake': 80,
    'fault/replace.ts replace': 73,
    'stage/operators.ts createOperators': 84,
    'stage/stage.ts startStage': 73,
    'traffic/caller-link.ts linkCallers': 73,
    'traffic/caller/lane.ts createLane': 122,
    'traffic/callers.ts callersFrom': 72,
    'traffic/change.ts followChange': 91,
    'traffic/dashboard-view.ts openDashboard': 75,
    'traffic/dashboard.ts createDashboard': 89,
    'verdict/defaults.ts allowanceOf': 74,
  }

  test('have 70 lines at most; of those that had more none grows, and none that has become short enough stays listed', () => {
    const paths = sources.filter((source) => !isTest(source)).map(({ path }) => path)
    const long = functionLengths(paths).filter(({ lines }) => lines > MOST_LINES)
    expect({
      tooLong: long.filter(({ name, lines }) => lines > (LONG[name] ?? MOST_LINES)),
      shortEnough: Object.keys(LONG).filter((listed) => !long.some(({ name }) => name === listed)),
    }).toEqual({ tooLong: [], shortEnough: [] })
  })
})

describe('the README', () => {
  const readme = readFileSync(join(HARNESS, '..', 'README.md'), 'utf8')
  const textOf = (file: string): string => readFileSync(join(HARNESS, '..', 'scenarios', file), 'utf8')
  const scenarios = readdirSync(join(HARNESS, '..', 'scenarios'))
    .filter((file) => file.endsWith('.scenario.ts'))
    // A team's own scenarios answer its own runbook, and are no matter of this README.
    .filter((file) => /page: '(?:Deploy for |Data Plane )?High Availability|page: 'Multiple A/.test(textOf(file)))
    .map((file) => file.replace(/\.scenario\.ts$/, ''))
  const guide = textOf('README.md')
  const pages = readme.slice(readme.indexOf("## The vendor's pages"), readme.indexOf('## What can be broken'))

  test('tells the claim of every scenario', () => {
    expect(scenarios.filter((name) => !readme.includes(`(scenarios/${name}.scenario.ts)`))).toEqual([])
  })

  test('says of every objective what is measured, beside the scenarios', () => {
    expect(OBJECTIVES.filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
  })

  test('says of every act and observation what it does, beside the scenarios', () => {
    const rooms = [
      'change-acts',
      'fault-acts',
      'remake-acts',
      'rotation-acts',
      'soak',
      'database-roles',
      'database-backup',
    ]
    const source = ['cast', ...rooms.map((file) => `acts/${file}`)]
      .map((file) => textOf(`../harness/${file}.ts`))
      .join('\n')
    const bodies = source.matchAll(
      /interface (?:Cast|\w+Acts|DatabaseRoles|DatabaseBackup|ChangeUnderWay|ChangesUnderWay|FilledForm) \{\n(.+?)^\}/gms,
    )
    const acts = [...bodies].flatMap(([, body = '']) =>
      [...body.matchAll(/^ +(?:readonly )?(\w+)(?:\(.*\): (?:Promise|Node)|: \(|: Breaks)/gm)].map(
        ([, name = '']) => name,
      ),
    )
    expect(acts.length).toBeGreaterThan(45)
    expect(acts.filter((name) => !new RegExp(`[\`.]${name}[\`(]`).test(guide))).toEqual([])
  })

  test("has a line of the vendor's pages for every scenario, and no scenario that is not there", () => {
    const named = new Set(
      [...pages.matchAll(/`([a-z]+(?:-[a-z0-9]+)+|soak|readiness)`/g)].flatMap(([, name]) => name ?? []),
    )
    const stacks = new Set(['high-availability', 'multi-zone'])
    expect(scenarios.filter((name) => !named.has(name))).toEqual([])
    expect([...named].filter((name) => !scenarios.includes(name) && !stacks.has(name))).toEqual([])
  })
})
