// The style and script every page carries, and the policy that lets nothing else run in it.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

// Both are part of the page: a page that arrived needs no second answer from a node that may be gone.
export const STYLE = ['base', 'content', 'forms', 'frame'].map((name) => read(`style/${name}.css`)).join('\n')

/** In this order: what a later one calls while it loads is there already. */
const SCRIPTS = ['toast', 'connection', 'live', 'form-values', 'forms', 'dialogs', 'nodes', 'license-file']
export const SCRIPT = SCRIPTS.map((name) => read(`script/${name}.js`)).join('\n')

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing but this page's own style and script may run in it. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')
