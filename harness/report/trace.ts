// A Playwright trace without its secrets: the same zip, every text in it redacted, pictures and fonts as they were.
import { readFile } from 'node:fs/promises'
import { unzipSync, type Zippable, zipSync } from 'fflate'
import { writeWhole } from './files.ts'
import type { Redact } from './redact-values.ts'
import { type Entry, learnSecrets, scrubEntry } from './trace-entry.ts'

/**
 * Writes `file`, whole or not at all, from the trace that the browser wrote as `raw`. Values of cookies, secret headers and password
 * fields go whatever they are, also where they are repeated elsewhere, and so does everything that `redact` takes out, in base64 too.
 * Rejects with ENOENT when there is no such trace, and when it is no zip.
 */
export const redactTrace = async (raw: string, file: string, redact: Redact): Promise<void> => {
  const entries = Object.entries(unzipSync(await readFile(raw))).map(([name, bytes]) => ({
    name,
    bytes,
    text: textIn(bytes),
  }))
  const texts = entries.flatMap(({ name, text }): readonly Entry[] => (text === null ? [] : [{ name, text }]))
  const learned = learnSecrets(texts)
  const scrubbed = new Map(texts.map((entry) => [entry.name, scrubEntry(entry, { redact, learned })]))
  const zip: Zippable = {}
  for (const { name, bytes } of entries) {
    const text = scrubbed.get(name)
    zip[name] = text === undefined ? [bytes, { level: 0 }] : [new TextEncoder().encode(text), { level: 6 }]
  }
  await writeWhole(file, zipSync(zip))
}

/** The text that bytes are in UTF-8; null for anything else, as pictures, fonts and archives are. */
const textIn = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
