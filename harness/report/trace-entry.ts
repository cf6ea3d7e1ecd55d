// One text of a trace: finds the secrets that its structure betrays, and takes out those and all that redaction knows.
import { SECRET_NAME } from '../history/redact.ts'
import type { Redact } from './redact-values.ts'

/** A text in a trace.zip, by its name there. */
export interface Entry {
  readonly name: string
  readonly text: string
}

interface Scrubbing {
  readonly redact: Redact
  /** Values found in cookies, headers and password fields; longest first. */
  readonly learned: readonly string[]
}

const REDACTED = '[redacted]'

// Shorter ones are words like 'admin' or 'true', and taking them out everywhere would eat the trace.
const SHORTEST_LEARNED = 8

// Playwright writes these into traces: the value a field has, and the value a test typed.
const TYPED = /^(?:value|__playwright_value_)$/
const SECRET_KEY = /passw|secret|token|session_?(?:id|key)$/i
const SECRET_FIELD = /passw|secret|token/i

/** Values that stand where only secrets stand; they are taken out wherever else they are. */
export const learnSecrets = (entries: readonly Entry[]): readonly string[] => {
  const found = new Set<string>()
  for (const { text } of entries) {
    const learn = (value: string): string => {
      for (const secret of secretsIn(value)) if (secret.length >= SHORTEST_LEARNED) found.add(secret)
      return REDACTED
    }
    rewriteJson(text, { leaf: (each) => each, secret: learn })
  }
  return [...found].sort((a, b) => b.length - a.length)
}

// What stands beside the secret in a Set-Cookie header.
const ATTRIBUTE = /^(?:HttpOnly|Expires|Path|Domain|Max-Age|SameSite|Secure|Partitioned|Priority)\b/i

/** 'a7session=S; HttpOnly' holds S, 'Bearer S' holds S, and 'Basic' holds a password behind base64. */
const secretsIn = (value: string): readonly string[] => {
  const words = value.split(/;\s*|\r?\n/).filter((word) => !ATTRIBUTE.test(word))
  const bare = words.map((word) => word.replace(/^[\w.-]+=(?=.)|^(?:Bearer|Basic|Digest)\s+/i, ''))
  const passwords = bare.map((word) => decoded(word).match(/^[\x20-\x7e]+?:([\x20-\x7e]+)$/)?.[1] ?? '')
  return [...bare, ...passwords]
}

/** The same text without secrets. JSON stays JSON, line by line. */
export const scrubEntry = ({ text }: Entry, scrubbing: Scrubbing): string => {
  const leaf = (each: string): string => scrubBase64(scrubText(each, scrubbing), scrubbing)
  return rewriteJson(text, { leaf, secret: () => REDACTED }) ?? leaf(text)
}

const scrubText = (text: string, { redact, learned }: Scrubbing): string => {
  let scrubbed = text
  for (const secret of learned) {
    if (scrubbed.includes(secret)) scrubbed = scrubbed.replaceAll(secret, REDACTED)
    const inUrl = encodeURIComponent(secret)
    if (scrubbed.includes(inUrl)) scrubbed = scrubbed.replaceAll(inUrl, REDACTED)
  }
  return redact(scrubbed)
}

const BASE64 = /[A-Za-z0-9+/_-]{12,}={0,2}/g

// A secret may stand anywhere in what was encoded, so every word that could be base64 is read as such.
const scrubBase64 = (text: string, scrubbing: Scrubbing): string => {
  const words = text.match(BASE64)
  if (words === null) return text
  const all = words.map(decoded).join('\n')
  if (scrubText(all, scrubbing) === all) return text
  return text.replace(BASE64, (word) => (scrubText(decoded(word), scrubbing) === decoded(word) ? word : REDACTED))
}

// Read as bytes, a character each: a secret of ASCII is found even in the middle of something binary.
const decoded = (word: string): string => Buffer.from(word, 'base64').toString('latin1')

interface Rewriting {
  readonly leaf: (text: string) => string
  /** What to put in place of a value that is a secret by where it stands. */
  readonly secret: (value: string) => string
}

/** Rewrites JSON or JSON lines; null when the text is neither. A line that nothing was taken out of stays as it was. */
const rewriteJson = (text: string, rewriting: Rewriting): string | null => {
  const whole = rewriteOne(text, rewriting)
  if (whole !== null) return whole
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const rewritten = line.trim() === '' ? line : rewriteOne(line, rewriting)
    if (rewritten === null) return null
    lines.push(rewritten)
  }
  return lines.join('\n')
}

const rewriteOne = (json: string, rewriting: Rewriting): string | null => {
  // A lone word or number is text to us.
  if (!/^\s*[[{]/.test(json)) return null
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return null
  }
  const before = JSON.stringify(value)
  const after = JSON.stringify(walk(value, rewriting))
  return before === after ? json : after
}

const walk = (value: unknown, rewriting: Rewriting): unknown => {
  if (typeof value === 'string') return rewriting.leaf(value)
  if (Array.isArray(value)) return value.map((each) => walk(each, rewriting))
  if (typeof value !== 'object' || value === null) return value
  const known = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(known).map(([key, inner]) => [
      rewriting.leaf(key),
      typeof inner === 'string' && inner !== '' && isSecret(key, known)
        ? rewriting.secret(inner)
        : walk(inherited(key, inner), rewriting),
    ]),
  )
}

/** { name: 'cookie', value }, a password field's value, what was typed into one, { password }. */
const isSecret = (key: string, object: Readonly<Record<string, unknown>>): boolean => {
  const { name, type, selector } = object
  if (SECRET_NAME.test(key) || SECRET_KEY.test(key)) return true
  if (!TYPED.test(key)) return false
  if (typeof name === 'string' && SECRET_NAME.test(name)) return true
  if (IS_COOKIE in object) return true
  return type === 'password' || (typeof selector === 'string' && SECRET_FIELD.test(selector))
}

const IS_COOKIE = Symbol('cookie')

/** Marks the members of a list of cookies, whose values are secret whatever their names are. */
const inherited = (key: string, inner: unknown): unknown =>
  key === 'cookies' && Array.isArray(inner)
    ? inner.map((cookie: unknown) =>
        typeof cookie === 'object' && cookie !== null ? { ...cookie, [IS_COOKIE]: true } : cookie,
      )
    : inner
