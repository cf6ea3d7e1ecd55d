// The log lines nearest to a finding: of the nodes it concerns, close in time, warnings and errors first.
import type { LogLine } from '../history/history.ts'
import type { LogPointer } from './verdict.ts'

/** How many a finding carries. */
const MOST = 5

/** Lines further away than this have nothing to do with it. */
const NEAR_MS = 10_000

/** A warning may be so much further away than other lines and still be the one to read. */
const WARNING_WORTH_MS = 3000

const WARNING =
  /\b(warn(ing)?|error|fatal|crit(ical)?|alert|emerg(ency)?|panic|failed|refused|down|timeout)\b|"level":(40|50|60)\b/i

/** The lines to read first, in order of time. `nodes` are the names their files may bear; of all files when it is empty. */
export const nearestLog = (
  log: readonly LogLine[],
  { at, nodes }: { readonly at: number; readonly nodes: readonly string[] },
): readonly LogPointer[] =>
  near(log, at)
    .filter(({ file }) => nodes.length === 0 || nodes.some((node) => isOf(file, node)))
    .map((line) => ({ line, distance: Math.abs(line.at - at) - (WARNING.test(line.text) ? WARNING_WORTH_MS : 0) }))
    .sort((a, b) => a.distance - b.distance || a.line.at - b.line.at)
    .slice(0, MOST)
    .sort((a, b) => a.line.at - b.line.at)
    .map(({ line: { file, line, text } }) => ({ file, line, text }))

/** The log is in order of time, and may have many lines. */
const near = (log: readonly LogLine[], at: number): readonly LogLine[] => {
  const first = indexOf(log, at - NEAR_MS)
  return log.slice(first, indexOf(log, at + NEAR_MS))
}

const indexOf = (log: readonly LogLine[], at: number): number => {
  let [low, high] = [0, log.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((log[middle]?.at ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}

/** 'logs/data-plane-1.log' and 'logs/data-plane-1.gateway.log' are data-plane-1's; data-plane-10's are not. */
const isOf = (file: string, node: string): boolean => {
  const name = file.split('/').at(-1) ?? file
  return name === node || name.startsWith(`${node}.`) || name.startsWith(`${node}_`)
}
