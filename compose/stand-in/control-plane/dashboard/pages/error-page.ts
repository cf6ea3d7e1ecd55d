// The page a person sees when a page cannot be shown.
import { html } from './html.ts'
import { cardPage, LOGO } from './layout.ts'

/** What happened, and a way on. One that is nobody's fault loads itself again when the server is well. */
export const errorPage = (status: number, message: string): string =>
  cardPage(
    status === 404 ? 'Not found' : 'Not available',
    html`<p class="brand">${LOGO}<span>API Gateway<small>Control plane</small></span></p>
<h1>${status === 404 ? 'Not found' : status < 500 ? 'That cannot be done' : 'This page cannot be shown now'}</h1>
<p ${status === 503 ? html`data-reload-when-well` : null}>${message}</p>
<p><a href="/">Go to Published Services</a></p>`,
  )
