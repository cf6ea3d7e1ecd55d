// A run's report on disk: summary.json, summary.md, junit.xml and index.html, and verdict.json in each scenario's folder.
import { readFileSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { unwritten, writeWhole } from './files.ts'
import { renderHtml } from './html.ts'
import { summaryJson, verdictJson } from './json.ts'
import { renderJunit } from './junit.ts'
import { renderMarkdown } from './markdown.ts'
import { type Redact, redactAll } from './redact-values.ts'
import type { ScenarioReport, Summary } from './summary.ts'

const PAGE = 'index.html'

// Base64 makes a third more of it; with the rest, the page stays below two megabytes.
const SCREENSHOT_BYTES = 1_050_000

/**
 * Writes the report of a run. Every text passes `redact`; every file is whole, or as it was and named in `unwritten`. Resolves with the page's
 * path too, null where that is among them.
 */
export const writeReport = async (
  runFolder: string,
  summary: Summary,
  scenarios: readonly ScenarioReport[],
  redact: Redact,
): Promise<{ readonly html: string | null; readonly unwritten: readonly string[] }> => {
  const clean = redactAll(summary, scenarios, redact)
  const missing: string[] = []
  const write = async (name: string, draw: () => string): Promise<boolean> => {
    const failed = await unwritten(name, async () => writeWhole(join(runFolder, name), draw()))
    missing.push(...failed)
    return failed.length === 0
  }
  for (const [i, { verdict }] of clean.scenarios.entries()) {
    // The folder's own name, since a redacted one would be another folder.
    await write(join(scenarios[i]?.folder ?? '', 'verdict.json'), () => verdictJson(verdict))
  }
  await write('summary.json', () => summaryJson(clean.summary))
  await write('junit.xml', () => renderJunit(clean.summary, clean.scenarios))
  await write('summary.md', () => renderMarkdown(clean.summary, clean.scenarios))
  const screenshots = screenshotsFrom(runFolder)
  const isDrawn = await write(PAGE, () => renderHtml(clean.summary, clean.scenarios, { screenshots }))
  return { html: isDrawn ? join(runFolder, PAGE) : null, unwritten: missing }
}

/** Reads screenshots of a run as data URIs until the page would grow too large; null leaves a link. */
const screenshotsFrom = (runFolder: string): ((scenarioFolder: string, file: string) => string | null) => {
  let left = SCREENSHOT_BYTES
  return (scenarioFolder, file) => {
    const path = resolve(runFolder, scenarioFolder, file)
    const kind = KINDS[path.slice(path.lastIndexOf('.') + 1).toLowerCase()]
    if (!path.startsWith(resolve(runFolder) + sep) || kind === undefined) return null
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? Number.POSITIVE_INFINITY
    if (size > left) return null
    left -= size
    return `data:${kind};base64,${readFileSync(path, 'base64')}`
  }
}

const KINDS: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
}
