// Redaction of whole values: every string in them, keys included, passes the run's redaction before anything is drawn from it.
import { isOwnWord } from '../history/redact.ts'
import type { ScenarioReport, Summary } from './summary.ts'

/** Replaces what must not be published in a piece of text. */
export type Redact = (text: string) => string

/** The same value with every string redacted, keys of records included. For plain JSON-able values; arrays of numbers are not walked. */
export const redactValues = <T>(value: T, redact: Redact): T => walk(value, redact) as T

const walk = (value: unknown, redact: Redact, under = ''): unknown => {
  if (typeof value === 'string') return isOwnWord(under, value) ? value : redact(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.every(isNumber) ? value : value.map((each) => walk(each, redact))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [OUR_KEY.test(key) ? key : redact(key), walk(inner, redact, key)]),
  )
}

// The names of our own fields stay whatever the secrets look like; a key from a run is a node or an image.
const OUR_KEY = /^[a-z][A-Za-z0-9]*$/

const isNumber = (value: unknown): boolean => typeof value === 'number' || value === null

/** What a report is drawn from, redacted. */
export interface Redacted {
  readonly summary: Summary
  readonly scenarios: readonly ScenarioReport[]
}

// The kinds that the page tells. Heartbeats and looks at balancers reach it through the analysis instead.
const TOLD_KINDS: ReadonlySet<string> = new Set(['run', 'step', 'screenshot'])

/** Redacts a summary and its scenarios; calls and logs are left out, since no page is drawn from them. */
export const redactAll = (summary: Summary, scenarios: readonly ScenarioReport[], redact: Redact): Redacted => ({
  summary: redactValues(summary, redact),
  scenarios: scenarios.map(({ folder, verdict, analysis, history }) => ({
    ...redactValues({ folder, verdict, analysis }, redact),
    history: {
      events: redactValues(
        history.events.filter((event) => TOLD_KINDS.has(event.kind)),
        redact,
      ),
      lanes: [],
      balancerCalls: [],
      log: [],
    },
  })),
})
