import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Script } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { MODULES, readAssets } from './assets.ts'
import { joined } from './joined.ts'

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/^import [^']*'(\..*)'$/gm)].map(([, path = '']) =>
    posix.join(posix.dirname(file), path),
  )

describe('the page’s script', () => {
  const script = readAssets().scripts.at(-1) ?? ''

  test('carries every file of its folder, and each after those that it takes from', () => {
    const files = readdirSync(join(import.meta.dirname, 'script')).filter((file) => /(?<!\.test)\.js$/.test(file))
    expect(MODULES.filter((file) => file.startsWith('script/')).sort()).toEqual(files.map((file) => `script/${file}`))
    const early = MODULES.flatMap((file, i) =>
      importsOf(file)
        .filter((taken) => !MODULES.slice(0, i).includes(taken))
        .map((taken) => `${file} takes from ${taken}`),
    )
    expect(early).toEqual([])
  })

  test('is one that a browser can read: nothing is imported, and no two files use one name', () => {
    expect(() => new Script(script)).not.toThrow()
    expect(script).not.toMatch(/^(?:import|export)\b/m)
    expect(() => new Script(joined(['const a = 1\n', 'export const a = 2\n']))).toThrow('already been declared')
  })

  test('does what its files do together', () => {
    const files = ['export const two = () => 2\n', "import { two } from './two.js'\nglobalThis.said(two())\n"]
    const said: number[] = []
    new Script(joined(files)).runInNewContext({ said: (value: number) => said.push(value) })
    expect(said).toEqual([2])
  })
})
