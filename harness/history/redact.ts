// What must not be read in a report is taken out before it is written: known secrets, and what looks like one.

/** Takes secrets out of text. */
export interface Redactor {
  text(text: string): string
  /** From now on this is a secret too: a session cookie, a token just made. */
  add(secret: string): void
}

const REDACTED = '[redacted]'

// Anything shorter is no secret, and taking it out would eat the report.
const SHORTEST_SECRET = 4

/** Names whose value is always a secret, as a header or as a JSON key. */
export const SECRET_NAME =
  /^(?:proxy-)?(?:cookie|set-cookie|authorization|x-api-key|password|passwd|secret|admin_?key)$/i

/** `secrets` are the ones we know; the patterns below need no knowing. */
export const createRedactor = (secrets: readonly string[] = []): Redactor => {
  const forms = new Set<string>()
  let longestFirst: readonly string[] = []
  const add = (secret: string): void => {
    if (secret.length < SHORTEST_SECRET) return
    for (const form of formsOf(secret)) forms.add(form)
    // A secret that contains another must go first, or its rest would stay.
    longestFirst = [...forms].sort((a, b) => b.length - a.length)
  }
  for (const secret of secrets) add(secret)
  const text = (from: string): string => {
    let to = from
    for (const form of longestFirst) if (to.includes(form)) to = to.replaceAll(form, REDACTED)
    for (const [pattern, replacement] of PATTERNS) to = to.replace(pattern, replacement)
    return to
  }
  return { text, add }
}

/** Fields of ours that hold one of a few words, by which everything that is read again is told apart. */
const OF_FEW_WORDS = /^(?:kind|stage|outcome|observed|state|was|role|fault|action|purpose|backend|objective)$/

/** Whether a field's value is a word of our own, which no secret can be: it stays, though a secret should be the same word. */
export const isOwnWord = (key: string, value: string): boolean =>
  OF_FEW_WORDS.test(key) && /^[a-z][a-z-]{0,30}$/.test(value)

/** JSON of a value with every string in it redacted, so that it still parses whatever the secrets look like. */
export const redactedJson = (value: unknown, redactor: Redactor): string =>
  JSON.stringify(value, (key, member) => {
    if (SECRET_NAME.test(key) && member !== null) return REDACTED
    return typeof member === 'string' && !isOwnWord(key, member) ? redactor.text(member) : member
  })

/** The ways a secret may be written: as it is, in a URL, in JSON, in base64 at each of the three alignments. */
const formsOf = (secret: string): readonly string[] => {
  const json = JSON.stringify(secret).slice(1, -1)
  const plain = [secret, encodeURIComponent(secret.toWellFormed()), json, JSON.stringify(json).slice(1, -1)]
  plain.push(new URLSearchParams({ s: secret }).toString().slice(2))
  return [...plain, ...base64Forms(secret)].filter((form) => form.length >= SHORTEST_SECRET)
}

// Inside a longer text ('user:password') base64 of the secret depends on how many bytes stand before it, modulo three.
// The characters at either end mix in neighbouring bytes, so they are left out.
const base64Forms = (secret: string): readonly string[] => {
  const forms = [Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('base64url')]
  for (const before of [0, 1, 2]) {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
    const from = Math.ceil((before * 8) / 6)
    const to = Math.floor((bytes.length * 8) / 6)
    forms.push(bytes.toString('base64').slice(from, to), bytes.toString('base64url').slice(from, to))
  }
  // Under eight characters an innocent word could match by chance.
  return forms.filter((form) => form.length >= 8)
}

const NAMES = '(?:proxy-)?(?:set-cookie|cookie|authorization|x-api-key|password|passwd)'

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // "set-cookie": ["…", "…"] and "cookie": "…" in JSON.
  [new RegExp(`("${NAMES}"\\s*:\\s*)\\[[^\\]]*\\]`, 'gi'), `$1["${REDACTED}"]`],
  [new RegExp(`("${NAMES}"\\s*:\\s*")(?:\\\\.|[^"\\\\])*`, 'gi'), `$1${REDACTED}`],
  // The same inside a JSON string, where every quote has backslashes before it.
  [new RegExp(`((\\\\+")${NAMES}\\2\\s*:\\s*)\\[[^\\]]*\\]`, 'gi'), `$1[$2${REDACTED}$2]`],
  [new RegExp(`((\\\\+")${NAMES}\\2\\s*:\\s*\\2)(?:(?!\\2)[^])*`, 'gi'), `$1${REDACTED}`],
  // 'set-cookie': [ '…' ] and cookie: '…' as Node prints objects.
  [new RegExp(`(\\b${NAMES}'?\\s*:\\s*)(?:\\[\\s*'[^\\]]*\\]|'(?:\\\\.|[^'\\\\])*')`, 'gi'), `$1'${REDACTED}'`],
  // cookie: … as a header, to the end of its line or of the JSON string it stands in.
  [
    new RegExp(
      `(\\b${NAMES}\\s*:[ \\t]*)(?![ \\t]*["'[])(?:[^\\r\\n"\\\\]|\\\\(?![rn]).|"[^"\\r\\n]*"(?=\\s*;))+`,
      'gi',
    ),
    `$1${REDACTED}`,
  ],
  // postgres://user:password@host, and any other URL with a name or password in it.
  [/\b([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/@"'\\]{1,512}@/gi, `$1${REDACTED}@`],
  [/\b([a-z_]*(?:password|passwd)\s*=\s*)(?:'[^']*'|(?!\[redacted\])[^\s&;,"'\\]+)/gi, `$1${REDACTED}`],
  [/\b(a7session=)(?!\[redacted\])[^\s;,"'\\]+/gi, `$1${REDACTED}`],
  [/\b(?:a7ee|a7adm)-[A-Za-z0-9._-]+/g, REDACTED],
]
