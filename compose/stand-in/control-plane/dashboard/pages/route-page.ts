// The page of one route, and the dialog that edits its description.
import type { Published } from '../published-object.ts'
import { type Html, html } from './html.ts'
import { methodsOf, pathsOf, timeOf } from './service-pages.ts'

export const routeContent = (group: string, route: Published): Html => html`
<div class="heading">
  <h1>${route.body.name}</h1>
  <button class="primary" type="button" id="edit" aria-haspopup="dialog">Edit</button>
</div>
<dl class="facts">
  <dt>Name</dt><dd>${route.body.name}</dd>
  <dt>Path(s)</dt><dd>${pathsOf(route)}</dd>
  <dt>Description</dt><dd id="route-description" data-testid="route-description">${route.body.desc}</dd>
  <dt>Methods</dt><dd>${methodsOf(route)}</dd>
  <dt>Updated</dt><dd id="route-updated">${timeOf(route.updated_at)}</dd>
  <dt>ID</dt><dd><code>${route.id}</code></dd>
</dl>
<dialog id="edit-route" aria-labelledby="edit-route-title" data-href="${apiPathOf(group, route.id)}">
  <form class="stack" id="edit-route-form">
    <h2 id="edit-route-title">Edit Route</h2>
    <div class="problem-place" role="alert"></div>
    <label for="description">Description</label>
    <textarea id="description" name="description" rows="5" maxlength="65536">${route.body.desc}</textarea>
    <div class="actions">
      <button class="quiet" type="button" id="cancel-edit">Cancel</button>
      <button class="primary" type="submit">Save</button>
    </div>
  </form>
</dialog>`

const apiPathOf = (group: string, route: string): string =>
  `/apisix/admin/routes/${encodeURIComponent(route)}?gateway_group_id=${encodeURIComponent(group)}`
