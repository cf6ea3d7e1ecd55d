// HTML as template literals: whatever is put in is escaped, unless it is HTML made the same way.

/** A piece of finished HTML. */
export interface Html {
  readonly html: string
}

type Part = Html | string | number | null | undefined | readonly Html[]

/** html`<p>${text}</p>`: text is escaped, pieces and lists of pieces go in as they are. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings.map((text, index) => text + render(parts[index])).join(''),
})

/** Finished text, such as a style sheet of ours, taken as it is. */
export const verbatim = (text: string): Html => ({ html: text })

const render = (part: Part): string => {
  if (part === null || part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return 'html' in part ? part.html : part.map((piece) => piece.html).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
