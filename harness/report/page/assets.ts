// What the page carries inside: our stylesheet and script, and uPlot's, read from their files when a page is rendered.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { joined } from './joined.ts'

/** Styles and scripts as text, and the hashes that a browser is told to accept. */
export interface Assets {
  readonly style: string
  readonly scripts: readonly string[]
  readonly scriptHashes: readonly string[]
}

/** Our script's modules: each after those that it takes from. */
export const MODULES = [
  '../../time/say-ms.js',
  ...[
    'elements',
    'stylesheet',
    'series',
    'axes',
    'canvas',
    'faults',
    'outages',
    'p99-limit',
    'zoom',
    'plot',
    'latency-chart',
    'stack',
    'outcome-chart',
    'node-chart',
    'moment',
    'readout',
    'figure',
    'scrollable',
    'main',
  ].map((name) => `script/${name}.js`),
]

/** Reads them. Throws when one of them could end the element it is put in. */
export const readAssets = (): Assets => {
  // The package has no entry for its dist folder, so it is found beside its main file.
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot'))
  const here = dirname(fileURLToPath(import.meta.url))
  const read = (folder: string, file: string): string => inert(file, readFileSync(join(folder, file), 'utf8'))
  const scripts = [read(uplot, 'uPlot.iife.min.js'), joined(MODULES.map((file) => read(here, file)))]
  return {
    style: `${read(uplot, 'uPlot.min.css')}\n${read(here, 'page.css')}`,
    scripts,
    scriptHashes: scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`),
  }
}

const inert = (file: string, text: string): string => {
  if (!/<\/(?:script|style)|<!--/i.test(text)) return text
  throw new RangeError(
    `${file} cannot be put into a page: it holds '</script', '</style' or '<!--'. Write it another way.`,
  )
}
