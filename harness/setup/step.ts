// One line per step of set-up: what it is about, what is so now, and how long that took.
import { sayMs } from '../time/duration.ts'

/** Where lines for the person at the terminal go. */
export type Say = (line: string) => void

/** `  engine      Docker 20.10.24 answers                   0.1 s` */
const stepLine = (topic: string, text: string, tookMs?: number): string =>
  `  ${topic.padEnd(11)} ${tookMs === undefined ? text : `${text.padEnd(46)} ${tenths(tookMs)}`}`

/** Does one step and says what became of it; when it throws, the error is the line. */
export const step = async <T>(
  { topic, say }: { readonly topic: string; readonly say: Say },
  act: (tell: Say) => Promise<{ readonly value: T; readonly text: string }>,
): Promise<T> => {
  const startedAt = performance.now()
  const { value, text } = await act((line) => say(stepLine(topic, line)))
  say(stepLine(topic, text, performance.now() - startedAt))
  return value
}

const tenths = (tookMs: number): string =>
  (tookMs < 120_000 ? `${(tookMs / 1000).toFixed(1)} s` : sayMs(tookMs)).padStart(7)
