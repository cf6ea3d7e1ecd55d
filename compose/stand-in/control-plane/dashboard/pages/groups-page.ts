// The list of gateway groups, and the dialogs that add, edit and delete one.
import type { GatewayGroup } from '../../store.ts'
import { groupCall, instancesPath, servicesPath } from './addresses.ts'
import { choice, deleteDialog, dialog, field, result } from './dialog.ts'
import { type Html, html } from './html.ts'
import { timeOf } from './published-words.ts'
import { table } from './table.ts'

const TYPES = [
  ['api7_gateway', 'API7 Gateway'],
  ['api7_ingress_controller', 'Ingress Controller'],
] as const

export const groupsContent = (groups: readonly GatewayGroup[]): Html => html`
<div class="heading">
  <div><h1>Gateway Groups</h1>
  <p class="lead">Gateways of one group share their services and routes.</p></div>
  <button class="primary writes" type="button" aria-haspopup="dialog" data-opens="add-group">Add Gateway Group</button>
</div>
<div data-live>${table(
  ['Name', 'Type', 'Description', 'Updated', ''],
  groups.map(
    (group) => html`<tr>
<td><a href="${servicesPath(group.id)}">${group.name}</a></td>
<td>${TYPES.find(([type]) => type === group.type)?.[1] ?? group.type}</td>
<td>${group.description}</td>
<td>${timeOf(group.updatedAt)}</td>
<td class="end"><a href="${instancesPath(group.id)}" aria-label="Instances of ${group.name}">Instances</a></td></tr>`,
  ),
  'There is no gateway group.',
)}</div>
${dialog(
  {
    id: 'add-group',
    title: 'Add Gateway Group',
    send: 'POST',
    href: '/api/gateway_groups',
    done: 'Add Gateway Group Successfully',
    submit: 'Add',
  },
  html`${choice({ id: 'group-type', label: 'Type', to: 'type' }, TYPES)}
${field({ id: 'group-name', label: 'Name', to: 'name', isRequired: true })}
${field({ id: 'group-description', label: 'Description', to: 'description', rows: 2 })}`,
)}`

/** The settings of one group, and where its gateways find DP Manager. */
export const settingsContent = (group: GatewayGroup, dpManagerAddresses: readonly string[]): Html => html`
<div class="heading">
  <h1>Gateway Settings</h1>
  <div class="buttons">
    <button class="quiet writes" type="button" aria-haspopup="dialog" data-opens="edit-group">Edit Group</button>
    ${group.id === 'default' ? null : html`<button class="quiet writes" type="button" aria-haspopup="dialog" data-opens="delete-group">Delete Group</button>`}
  </div>
</div>
<div data-live><dl class="facts">
  <dt>Name</dt><dd>${group.name}</dd>
  <dt>Description</dt><dd>${group.description || '-'}</dd>
  <dt>Key prefix</dt><dd><code>${group.keyPrefix}</code></dd>
  <dt>ID</dt><dd><code>${group.id}</code></dd>
</dl></div>
<div class="section-heading"><h2>Deployment</h2>
<button class="primary writes" type="button" aria-haspopup="dialog" data-opens="edit-addresses">Edit</button></div>
<div data-live><dl class="facts">
  <dt>DP Manager Address</dt><dd>${
    dpManagerAddresses.length === 0
      ? html`Not set: scripts name the node that writes them.`
      : dpManagerAddresses.map((address) => html`<code>${address}</code> `)
  }</dd>
</dl></div>
<h2>Admin Key</h2>
<p class="lead">With this group’s own key a client needs no gateway_group_id.</p>
<button class="quiet writes" type="button" aria-haspopup="dialog" data-opens="make-admin-key">Generate Admin Key</button>
<div data-live>${dialog(
  {
    id: 'edit-addresses',
    title: 'Edit Deployment',
    send: 'PUT',
    href: '/api/system_settings',
    done: 'Update Deployment Successfully',
    submit: 'Save',
  },
  field({
    id: 'dp-manager-address',
    label: 'DP Manager Address',
    to: 'dp_manager_address',
    as: 'list',
    rows: 3,
    value: dpManagerAddresses.join('\n'),
    hint: 'One a line, such as https://dp-manager:7943. Gateways use the first one that answers.',
  }),
)}${dialog(
  {
    id: 'edit-group',
    title: 'Edit Gateway Group',
    send: 'PUT',
    href: groupCall(group.id),
    done: 'Update Gateway Group Successfully',
    submit: 'Save',
  },
  html`${field({ id: 'group-name', label: 'Name', to: 'name', value: group.name, isRequired: true })}
${field({ id: 'group-description', label: 'Description', to: 'description', value: group.description, rows: 2 })}`,
)}${dialog(
  {
    id: 'make-admin-key',
    title: 'Generate Admin Key',
    send: 'PUT',
    href: groupCall(group.id, '/admin_key'),
    done: 'Generate Admin Key Successfully',
    submit: 'Generate',
  },
  html`<p>The key before this one stops working. The new one is shown once.</p>${result('admin-key', 'Admin Key', { member: 'key' })}`,
)}${deleteDialog({
  id: 'delete-group',
  what: 'Gateway Group',
  warning: `${group.name}, its services and its routes are removed, and its gateways can no longer join.`,
  href: groupCall(group.id),
  next: '/gateway_groups',
})}</div>`
