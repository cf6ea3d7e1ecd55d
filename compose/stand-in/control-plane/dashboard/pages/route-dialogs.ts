// The dialogs about routes: adding one to a service, editing it and deleting it.
import type { Published } from '../published-object.ts'
import { publishedCall, servicePath } from './addresses.ts'
import { deleteDialog, dialog, field } from './dialog.ts'
import { type Html, html } from './html.ts'
import { listOf } from './published-words.ts'

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']

export const addRouteDialog = (group: string, service: string): Html =>
  dialog(
    {
      id: 'add-route',
      title: 'Add Route',
      send: 'POST',
      href: publishedCall(group, 'routes'),
      done: 'Add Route Successfully',
      submit: 'Add',
    },
    html`<input type="hidden" data-to="service_id" value="${service}">${routeFields()}`,
  )

export const editRouteDialogs = (group: string, route: Published): Html =>
  html`${dialog(
    {
      id: 'edit-route',
      title: 'Edit Route',
      send: 'PATCH',
      href: publishedCall(group, 'routes', route.id),
      done: 'Update Route Successfully',
      submit: 'Save',
    },
    routeFields(route),
  )}${deleteDialog({
    id: 'delete-route',
    what: 'Route',
    warning: `${route.body.name} is removed from every gateway of this group.`,
    href: publishedCall(group, 'routes', route.id),
    next: servicePath(group, String(route.body.service_id)),
  })}`

const routeFields = (route?: Published): Html => {
  const methods = listOf(route?.body.methods)
  return html`
${field({ id: 'route-name', label: 'Name', to: 'name', value: route?.body.name, isRequired: true, isAlwaysThere: true })}
${field({
  id: 'route-paths',
  label: 'Path',
  to: 'paths',
  as: 'list',
  value: listOf(route?.body.paths).join(', '),
  isRequired: true,
  isAlwaysThere: true,
  hint: 'Begins with a slash; several are separated by commas; a star at the end stands for anything.',
})}
<fieldset data-to="methods" data-as="choices" data-may-be-absent>
  <legend>Methods</legend>
  ${METHODS.map(
    (method) =>
      html`<label class="check"><input type="checkbox" value="${method}"${methods.includes(method) ? html` checked` : null}>${method}</label>`,
  )}
  <p class="hint">Any method when none is chosen.</p>
</fieldset>
${field({ id: 'description', label: 'Description', to: 'desc', value: route?.body.desc, rows: 4, isAlwaysThere: true })}`
}
