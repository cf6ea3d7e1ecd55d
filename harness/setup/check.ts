// One thing doctor looked at: what it found, whether a drill can do with that, and what to do when it cannot.

/** `missing` keeps a drill from running, and what is `unknown` may; a `note` is worth knowing. */
export interface Check {
  readonly topic: string
  readonly found: string
  readonly level: 'good' | 'note' | 'unknown' | 'missing'
  /** What to do, in one sentence. */
  readonly next?: string
}

export const good = (topic: string, found: string): Check => ({ topic, found, level: 'good' })
export const note = (topic: string, found: string, next?: string): Check => ({
  topic,
  found,
  level: 'note',
  ...(next && { next }),
})
export const missing = (topic: string, found: string, next: string): Check => ({ topic, found, level: 'missing', next })

/** Nobody could see: `because` says why. */
export const unknown = (topic: string, because: string): Check => ({
  topic,
  found: `unknown: ${because}`,
  level: 'unknown',
})

/** One thing to look at. */
export interface Look {
  readonly topic: string
  look(): Promise<readonly Check[]>
}

/** The check as the terminal shows it: one line, and one more for what to do. */
export const checkLines = ({ topic, found, level, next }: Check): readonly string[] => [
  `  ${topic.padEnd(11)} ${level === 'missing' ? `MISSING: ${found}` : found}`,
  ...(next === undefined ? [] : [`  ${''.padEnd(11)} ${next}`]),
]
