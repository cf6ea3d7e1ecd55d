// The frame of every page: head, navigation, who is signed in, and which node served it.
import { type Html, html, verbatim } from './html.ts'
import { type NamedGroup, navigation, type Section } from './navigation.ts'
import { SCRIPT, STYLE } from './page-assets.ts'

export { CONTENT_SECURITY_POLICY } from './page-assets.ts'

/** What the frame says around a page. */
export interface Frame {
  readonly title: string
  /** The navigation entry this page belongs to. */
  readonly section: Section
  readonly username: string
  readonly node: string
  /** The gateway group whose pages are offered; the default one where the page is about none. */
  readonly group?: NamedGroup
  /** False for somebody who may only read: what would be refused is not offered. */
  readonly mayWrite?: boolean
  /** Where the page stands below its section, outermost first. */
  readonly trail?: readonly { readonly name: string; readonly href: string }[]
}

const DEFAULT_GROUP: NamedGroup = { id: 'default', name: 'default' }

/** A page inside, with its navigation. */
export const insidePage = (frame: Frame, content: Html): string =>
  documentOf(
    frame.title,
    html`<a class="skip" href="#content">Skip to content</a>
<div class="shell">
  <aside class="sidebar">
    <p class="brand">${LOGO}<span>API Gateway<small>Control plane</small></span></p>
    ${navigation(frame.section, frame.group ?? DEFAULT_GROUP)}
  </aside>
  <div class="column">
    <header class="bar">
      ${trailOf(frame)}
      <div class="account">
        <span class="avatar" aria-hidden="true">${frame.username.slice(0, 1).toUpperCase()}</span>
        <span class="who"><a href="/change_password" title="Change password">${frame.username}</a><small data-testid="served-by">served by ${frame.node}</small></span>
        <form method="post" action="/logout"><button class="quiet" type="submit">Log out</button></form>
      </div>
    </header>
    <main id="content" tabindex="-1">${content}</main>
  </div>
</div>`,
    frame.mayWrite,
  )

/** A page of one card in the middle: signing in, and errors. */
export const cardPage = (title: string, content: Html): string =>
  documentOf(title, html`<main class="card-page" id="content"><div class="card">${content}</div></main>`)

export const LOGO = verbatim(
  '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M8 11h10a5 5 0 0 1 0 10H8m0 0 4-4m-4 4 4 4" transform="translate(0 -2)"/></svg>',
)

const documentOf = (title: string, body: Html, mayWrite = true): string =>
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
<body data-may="${mayWrite ? 'write' : 'read'}">
<div id="banner"></div>
${body}
<div id="toast" class="toast" role="status"></div>
<script>${verbatim(SCRIPT)}</script>
</body>
</html>
`.html

const trailOf = ({ trail = [] }: Frame): Html =>
  trail.length === 0
    ? html`<span></span>`
    : html`<nav class="trail" aria-label="Breadcrumb"><ol>${trail.map(({ name, href }) => html`<li><a href="${href}">${name}</a></li>`)}</ol></nav>`
