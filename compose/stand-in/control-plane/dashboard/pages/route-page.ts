// The page of one route.
import type { Published } from '../published-object.ts'
import { moreMenu } from './dialog.ts'
import { type Html, html } from './html.ts'
import { methodsOf, pathsOf, timeOf } from './published-words.ts'
import { editRouteDialogs } from './route-dialogs.ts'

export const routeContent = (group: string, route: Published): Html => html`
<div class="heading">
  <h1 data-shows="name">${route.body.name}</h1>
  <div class="buttons">
    <button class="primary writes" type="button" aria-haspopup="dialog" data-opens="edit-route">Edit</button>
    ${moreMenu([['Delete', 'delete-route']])}
  </div>
</div>
<div data-live><dl class="facts">
  <dt>Name</dt><dd data-shows="name">${route.body.name}</dd>
  <dt>Path(s)</dt><dd>${pathsOf(route)}</dd>
  <dt>Description</dt><dd data-testid="route-description" data-shows="desc">${route.body.desc}</dd>
  <dt>Methods</dt><dd>${methodsOf(route)}</dd>
  <dt>Updated</dt><dd>${timeOf(route.updated_at)}</dd>
  <dt>ID</dt><dd><code>${route.id}</code></dd>
</dl></div>
<div data-live>${editRouteDialogs(group, route)}</div>`
