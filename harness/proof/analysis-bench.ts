// What analysis and report of a long run cost: time by stage, size of the page, and the peak of a process that does nothing else.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { columns } from './columns.ts'

/** One judging of a run, in a process of its own. */
export interface Judging {
  readonly calls: number
  /** Files read, analysed and judged; verdict and histograms written. */
  readonly judgeMs: number
  readonly reportMs: number
  readonly htmlBytes: number
  readonly peakBytes: number
}

/** What a run of ten million calls may take (DESIGN.md §8). */
export const TARGETS = { ms: 5000, htmlBytes: 2_000_000, peakBytes: 1_000_000_000 } as const

const LONGEST_MS = 240_000

/** Judges the run once; rejects when the process fails or takes four minutes. */
export const judgedApart = async (folder: string): Promise<Judging> => {
  const program = join(import.meta.dirname, 'judge-once.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, folder], { timeout: LONGEST_MS })
  return JSON.parse(stdout) as Judging
}

/** From the first call read to the last byte written. */
export const totalMs = (one: Judging): number => one.judgeMs + one.reportMs

/** The run that took the median time: a machine that is shared is slower now and then, and never faster than it is. */
export const median = (all: readonly Judging[]): Judging | undefined =>
  all.toSorted((a, b) => totalMs(a) - totalMs(b))[(all.length - 1) >> 1]

/** What was missed, as words; empty where every target was met. */
export const missedBy = (all: readonly Judging[]): readonly string[] => {
  const middle = median(all)
  if (!middle) return ['nothing was measured']
  const most = (of: (one: Judging) => number): number => all.reduce((worst, one) => Math.max(worst, of(one)), 0)
  return [
    ...(totalMs(middle) <= TARGETS.ms ? [] : [`time by ${((totalMs(middle) - TARGETS.ms) / 1000).toFixed(1)} s`]),
    ...(most((one) => one.htmlBytes) <= TARGETS.htmlBytes ? [] : ['size of the page']),
    ...(most((one) => one.peakBytes) <= TARGETS.peakBytes ? [] : ['memory']),
  ]
}

/** Every judging, the median and the targets. */
export const judgingTable = (all: readonly Judging[]): string => {
  const row = (name: string, one: Judging): readonly string[] => [
    name,
    one.calls.toLocaleString('en-US'),
    ...[one.judgeMs, one.reportMs, totalMs(one)].map((ms) => `${Math.round(ms)} ms`),
    `${(one.htmlBytes / 1e6).toFixed(2)} MB`,
    `${Math.round(one.peakBytes / 1e6)} MB`,
  ]
  const middle = median(all)
  return columns([
    ['', 'calls', 'analysis', 'report', 'both', 'page', 'peak memory'],
    ...all.map((one, i) => row(`run ${i + 1}`, one)),
    ...(middle ? [row('median', middle)] : []),
    [
      'target',
      '',
      '',
      '',
      `<= ${TARGETS.ms} ms`,
      `<= ${(TARGETS.htmlBytes / 1e6).toFixed(2)} MB`,
      `< ${TARGETS.peakBytes / 1e6} MB`,
    ],
  ])
}
