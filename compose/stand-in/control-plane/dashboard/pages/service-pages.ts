// The list of published services, and the page of one: its upstreams and its routes.
import type { Published } from '../published-object.ts'
import { routePath, servicePath } from './addresses.ts'
import { menu, moreMenu } from './dialog.ts'
import { type Html, html } from './html.ts'
import { methodsOf, pathsOf, textIn, timeOf, upstreamOf } from './published-words.ts'
import { addRouteDialog } from './route-dialogs.ts'
import { addServiceDialog, editServiceDialogs } from './service-dialogs.ts'
import { table } from './table.ts'

export const servicesContent = (group: string, services: readonly Published[]): Html => html`
<div class="heading">
  <div><h1>Published Services</h1>
  <p class="lead">Services this gateway group serves. Open one to see its routes.</p></div>
  <div class="more writes">
    <button class="primary" type="button" aria-haspopup="menu" aria-expanded="false">Add Service</button>
    ${menu([['Add Manually', 'add-service']])}
  </div>
</div>
<div data-live>${table(
  ['Name', 'Version', 'Upstream', 'Description', 'Updated'],
  services.map(
    (service) => html`<tr>
<td><a href="${servicePath(group, service.id)}">${service.body.name}</a></td>
<td>No Version</td>
<td><code>${upstreamOf(service)}</code></td>
<td>${service.body.desc}</td>
<td>${timeOf(service.updated_at)}</td></tr>`,
  ),
  'No service is published yet. Add the first one.',
)}</div>
${addServiceDialog(group)}`

export const serviceContent = (group: string, service: Published, routes: readonly Published[]): Html => html`
<div class="heading">
  <h1 data-shows="name">${service.body.name}</h1>
  ${moreMenu([
    ['Edit', 'edit-service'],
    ['Edit Upstream', 'edit-upstream'],
    ['Delete', 'delete-service'],
  ])}
</div>
<div data-live><dl class="facts">
  <dt>Upstream</dt><dd><code>${upstreamOf(service)}</code></dd>
  <dt>Description</dt><dd>${service.body.desc || '-'}</dd>
  <dt>Path Prefix</dt><dd>${prefixOf(service)}</dd>
  <dt>Updated</dt><dd>${timeOf(service.updated_at)}</dd>
  <dt>ID</dt><dd><code>${service.id}</code></dd>
</dl></div>
<div class="section-heading"><h2>Routes</h2>
<button class="primary writes" type="button" aria-haspopup="dialog" data-opens="add-route">Add Route</button></div>
<div data-live>${table(
  ['Name', 'Path', 'Methods', 'Description'],
  routes.map(
    (route) => html`<tr>
<td><a href="${routePath(group, service.id, route.id)}">${route.body.name}</a></td>
<td>${pathsOf(route)}</td>
<td>${methodsOf(route)}</td>
<td>${route.body.desc}</td></tr>`,
  ),
  'This service has no routes yet. Add the first one.',
)}</div>
<div data-live>${addRouteDialog(group, service.id)}${editServiceDialogs(group, service)}</div>`

const prefixOf = (service: Published): Html => {
  const prefix = textIn(service, 'path_prefix')
  if (prefix === '') return html`-`
  return html`<code>${prefix}</code>${service.body.strip_path_prefix === true ? ', stripped for the upstream' : ''}`
}
