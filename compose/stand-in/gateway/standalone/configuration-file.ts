// The file of standalone mode: apisix.yaml, which ends with `#END` so that half a file is never taken, or apisix.json.
import { readFile, stat } from 'node:fs/promises'
import { parse } from 'yaml'
import type { DocumentSource } from './follow-document.ts'
import { type Resources, resourcesOf } from './resources.ts'

const everyMs = 1_000

/** Looks once a second, as APISIX does, and reads the file only when it has changed. A file that is refused is not read again before it changes. */
export function configurationFile(path: string, format: 'yaml' | 'json', lookEveryMs = everyMs): DocumentSource {
  let seen: string | undefined
  return {
    name: path,
    everyMs: lookEveryMs,
    async read() {
      const { mtimeMs, size, ino } = await stat(path)
      const state = `${mtimeMs} ${size} ${ino}`
      if (state === seen) return undefined
      const text = await readFile(path, 'utf8')
      seen = state
      return format === 'yaml' ? fromYaml(text) : resourcesOf(JSON.parse(text))
    },
  }
}

function fromYaml(text: string): Resources {
  if (!/^#END\s*$/m.test(text.slice(text.trimEnd().lastIndexOf('\n') + 1))) {
    throw new Error('missing valid end flag in file: the last line has to be #END')
  }
  return resourcesOf(parse(text))
}
