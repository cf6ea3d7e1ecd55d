// The frame of every page: head, navigation, who is signed in, and which node served it.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Html, html, verbatim } from './html.ts'

/** What the frame says around a page. */
export interface Frame {
  readonly title: string
  /** The navigation entry this page belongs to. */
  readonly section: Section
  readonly username: string
  readonly node: string
  /** Where the page stands below its section, outermost first. */
  readonly trail?: readonly { readonly name: string; readonly href: string }[]
}

export type Section = 'Published Services' | 'Gateway Instances' | 'Audit Log'

const SECTIONS: readonly { readonly name: Section; readonly href: string }[] = [
  { name: 'Published Services', href: '/gateway_groups/default/published_services' },
  { name: 'Gateway Instances', href: '/gateway_groups/default/gateway_instances' },
  { name: 'Audit Log', href: '/audit_log' },
]

// Style and script are part of the page: a page that arrived needs no second answer from a node that may be gone.
const STYLE = readFileSync(new URL('./page.css', import.meta.url), 'utf8')
const SCRIPT = readFileSync(new URL('./page.js', import.meta.url), 'utf8')
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

/** A page inside, with its navigation. */
export const insidePage = (frame: Frame, content: Html): string =>
  documentOf(
    frame.title,
    html`<a class="skip" href="#content">Skip to content</a>
<div class="shell">
  <aside class="sidebar">
    <p class="brand">${LOGO}<span>API Gateway<small>Control plane</small></span></p>
    <nav aria-label="Main"><ul>${SECTIONS.map((section) => navigationEntry(section, frame.section))}</ul></nav>
  </aside>
  <div class="column">
    <header class="bar">
      ${trailOf(frame)}
      <div class="account">
        <span class="avatar" aria-hidden="true">${frame.username.slice(0, 1).toUpperCase()}</span>
        <span class="who">${frame.username}<small data-testid="served-by">served by ${frame.node}</small></span>
        <form method="post" action="/logout"><button class="quiet" type="submit">Log out</button></form>
      </div>
    </header>
    <main id="content" tabindex="-1">${content}</main>
  </div>
</div>`,
  )

/** A page of one card in the middle: signing in, and errors. */
export const cardPage = (title: string, content: Html): string =>
  documentOf(title, html`<main class="card-page" id="content"><div class="card">${content}</div></main>`)

export const LOGO = verbatim(
  '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M8 11h10a5 5 0 0 1 0 10H8m0 0 4-4m-4 4 4 4" transform="translate(0 -2)"/></svg>',
)

const documentOf = (title: string, body: Html): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · API Gateway</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%232f5bea'/%3E%3C/svg%3E">
<style>${verbatim(STYLE)}</style>
</head>
<body>
<div id="banner"></div>
${body}
<div id="toast" class="toast" role="status"></div>
<script>${verbatim(SCRIPT)}</script>
</body>
</html>
`.html

const navigationEntry = ({ name, href }: { readonly name: Section; readonly href: string }, current: Section): Html =>
  name === current
    ? html`<li><a href="${href}" aria-current="page">${name}</a></li>`
    : html`<li><a href="${href}">${name}</a></li>`

const trailOf = ({ trail = [] }: Frame): Html =>
  trail.length === 0
    ? html`<span></span>`
    : html`<nav class="trail" aria-label="Breadcrumb"><ol>${trail.map(({ name, href }) => html`<li><a href="${href}">${name}</a></li>`)}</ol></nav>`
