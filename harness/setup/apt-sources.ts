// Where this machine's apt gets Debian from, so that a base of ours gets it from the same place.

/** One archive: `deb <uri> <suite> main`. */
export interface AptSource {
  readonly uri: string
  readonly suite: string
}

/** The archives of one release (its pockets too), read from the files of /etc/apt; other repositories are left out. */
export const aptSources = (
  files: readonly { name: string; text: string }[],
  codename: string,
): readonly AptSource[] => {
  const all = files.flatMap(({ name, text }) => (name.endsWith('.sources') ? deb822(text) : oneLine(text)))
  const pockets = [codename, `${codename}-updates`, `${codename}-security`]
  const kept = all.filter(({ uri, suite, main }) => main && /^https?:/.test(uri) && pockets.includes(suite))
  const seen = new Set<string>()
  return kept.flatMap(({ uri, suite }) => {
    if (seen.has(`${uri} ${suite}`)) return []
    seen.add(`${uri} ${suite}`)
    return [{ uri, suite }]
  })
}

interface Entry extends AptSource {
  readonly main: boolean
}

/** `deb [options] uri suite components…` */
const oneLine = (text: string): readonly Entry[] =>
  text.split('\n').flatMap((line) => {
    const found = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line)
    if (!found) return []
    const [, uri = '', suite = '', components = ''] = found
    return [{ uri, suite, main: components.split(/\s+/).includes('main') }]
  })

/** Paragraphs of `Field: values`; a paragraph may name several URIs and suites. */
const deb822 = (text: string): readonly Entry[] =>
  text.split(/\n\s*\n/).flatMap((paragraph) => {
    const lines = paragraph
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('\n')
    const values = (field: string) =>
      (new RegExp(`^${field}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(lines)?.[1] ?? '').trim().split(/\s+/).filter(Boolean)
    if (!values('Types').includes('deb') || values('Enabled')[0]?.toLowerCase() === 'no') return []
    const main = values('Components').includes('main')
    return values('URIs').flatMap((uri) => values('Suites').map((suite) => ({ uri, suite, main })))
  })
