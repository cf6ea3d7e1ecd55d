// The list of published services, and the page of one: its upstream and its routes.
import type { Published } from '../published-object.ts'
import { type Html, html } from './html.ts'

/** Where a group's services are shown. */
export const servicesPath = (group: string): string => `/gateway_groups/${encodeURIComponent(group)}/published_services`

export const servicePath = (group: string, service: string): string =>
  `${servicesPath(group)}/${encodeURIComponent(service)}`

export const routePath = (group: string, service: string, route: string): string =>
  `${servicePath(group, service)}/routes/${encodeURIComponent(route)}`

export const servicesContent = (group: string, services: readonly Published[]): Html => html`
<h1>Published Services</h1>
<p class="lead">Services this gateway group serves. Open one to see its routes.</p>
${
  services.length === 0
    ? html`<p class="empty">No service is published yet. Publish one through the Admin API.</p>`
    : html`<div class="table"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Upstream</th><th scope="col">Description</th><th scope="col">Updated</th></tr></thead>
<tbody>${services.map(
        (service) => html`<tr>
<td><a href="${servicePath(group, service.id)}">${service.body.name}</a></td>
<td><code>${upstreamOf(service)}</code></td>
<td>${service.body.desc}</td>
<td>${timeOf(service.updated_at)}</td></tr>`,
      )}</tbody></table></div>`
}`

export const serviceContent = (group: string, service: Published, routes: readonly Published[]): Html => html`
<h1>${service.body.name}</h1>
<dl class="facts">
  <dt>Upstream</dt><dd><code>${upstreamOf(service)}</code></dd>
  <dt>Description</dt><dd>${service.body.desc || '-'}</dd>
  <dt>ID</dt><dd><code>${service.id}</code></dd>
</dl>
<h2>Routes</h2>
${
  routes.length === 0
    ? html`<p class="empty">This service has no routes yet.</p>`
    : html`<div class="table"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Path</th><th scope="col">Methods</th><th scope="col">Description</th></tr></thead>
<tbody>${routes.map(
        (route) => html`<tr>
<td><a href="${routePath(group, service.id, route.id)}">${route.body.name}</a></td>
<td>${pathsOf(route)}</td>
<td>${methodsOf(route)}</td>
<td>${route.body.desc}</td></tr>`,
      )}</tbody></table></div>`
}`

export const pathsOf = ({ body }: Published): readonly Html[] =>
  listOf(body.paths).map((path) => html`<code>${path}</code> `)

export const methodsOf = ({ body }: Published): readonly Html[] => {
  const methods = listOf(body.methods)
  return methods.length === 0 ? [html`Any`] : methods.map((method) => html`<span class="tag">${method}</span> `)
}

/** A moment as a person in the Dashboard's reference time reads it. */
export const timeOf = (epochSeconds: number): Html => {
  const iso = new Date(epochSeconds * 1_000).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`
}

const upstreamOf = ({ body }: Published): string => {
  const upstream = body.upstream as
    | { readonly scheme?: string; readonly nodes: readonly { readonly host: string; readonly port?: number }[] }
    | undefined
  const nodes = upstream?.nodes.map(({ host, port }) => (port ? `${host}:${port}` : host)) ?? []
  return `${upstream?.scheme ?? 'http'}://${nodes.join(', ')}`
}

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])
