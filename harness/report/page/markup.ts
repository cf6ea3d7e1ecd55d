// HTML as a value that hostile text cannot get into: html`...` escapes whatever is put in, unless it is markup itself.

// A symbol, because a value read from a file can have any key but this one.
const MARKUP = Symbol('markup')

/** HTML that was made by html`...` or vouched for by trusted(). */
export interface Markup {
  readonly [MARKUP]: string
}

/** What can stand in html`...`. null, undefined and false leave nothing behind. */
export type Part = Markup | string | number | null | undefined | false | readonly Part[]

/** Builds markup; every part that is not markup is escaped, in text and in quoted attributes alike. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  trusted(strings.map((text, i) => text + (i < parts.length ? rendered(parts[i]) : '')).join(''))

/** Vouches for a string that is HTML already: our own stylesheet and scripts, nothing from a run. */
export const trusted = (markup: string): Markup => ({ [MARKUP]: markup })

/** The HTML of a piece of markup. */
export const textOf = (markup: Markup): string => markup[MARKUP]

/** Escapes a string for HTML and XML text and for attributes in either kind of quotes. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character).replace(INVISIBLE, '\u{FFFD}')

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

// Control characters are not allowed in XML, and bidirectional overrides can make a line read as another one.
const INVISIBLE = /(?![\t\n\r])\p{Cc}|[\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]|\p{Surrogate}/gu

const rendered = (part: Part): string => {
  if (part === null || part === undefined || part === false) return ''
  if (Array.isArray(part)) return part.map(rendered).join('')
  if (typeof part === 'object' && MARKUP in part) return part[MARKUP]
  return escapeText(String(part))
}
