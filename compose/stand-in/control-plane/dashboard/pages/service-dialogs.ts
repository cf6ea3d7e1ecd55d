// The dialogs about services: adding one by hand, editing it and its upstream, and deleting it.
import type { Published } from '../published-object.ts'
import { publishedCall, servicePath, servicesPath } from './addresses.ts'
import { choice, deleteDialog, dialog, field } from './dialog.ts'
import { type Html, html } from './html.ts'
import { listOf, nodesOf, schemeOf, textIn } from './published-words.ts'

const SCHEMES = [
  ['http', 'HTTP'],
  ['https', 'HTTPS'],
] as const

export const addServiceDialog = (group: string): Html =>
  html`${dialog(
    {
      id: 'add-service',
      title: 'Add Service',
      send: 'POST',
      href: publishedCall(group, 'services'),
      done: 'Add Service Successfully',
      next: servicePath(group, '').concat('{id}'),
      submit: 'Add',
    },
    html`
${field({ id: 'service-name', label: 'Name', to: 'name', isRequired: true })}
<div class="side-by-side">
<div>${choice({ id: 'service-type', label: 'Service Type', to: 'type' }, [['http', 'HTTP (Layer 7 Proxy)']])}</div>
<div>${choice({ id: 'service-scheme', label: 'Upstream Scheme', to: 'upstream.scheme' }, SCHEMES)}</div>
</div>
<label for="service-discovery">How to find the upstream</label>
<select id="service-discovery"><option>Use Nodes</option></select>
${nodesField('add-service', [])}
${optionalServiceFields('service')}`,
  )}${nodeDialog('add-service')}`

export const editServiceDialogs = (group: string, service: Published): Html => {
  const href = publishedCall(group, 'services', service.id)
  const done = 'Update Service Successfully'
  const { upstream } = service.body
  return html`${dialog(
    { id: 'edit-service', title: 'Edit Service', send: 'PATCH', href, done, submit: 'Save' },
    html`${field({ id: 'edited-name', label: 'Name', to: 'name', value: service.body.name, isRequired: true, isAlwaysThere: true })}
${optionalServiceFields('edited', service)}`,
  )}${dialog(
    { id: 'edit-upstream', title: 'Edit Upstream', send: 'PATCH', href, done, submit: 'Save' },
    html`${choice({ id: 'edited-scheme', label: 'Upstream Scheme', to: 'upstream.scheme', value: schemeOf(upstream) }, SCHEMES)}
${nodesField('edit-upstream', nodesOf(upstream))}`,
  )}${nodeDialog('edit-upstream')}${deleteDialog({
    id: 'delete-service',
    what: 'Service',
    warning: `${service.body.name} and all its routes are removed from every gateway of this group.`,
    href,
    next: servicesPath(group),
  })}`
}

const optionalServiceFields = (id: string, service?: Published): Html => {
  const text = (member: string) => (service ? textIn(service, member) : '')
  return html`
${field({ id: `${id}-desc`, label: 'Description', to: 'desc', value: text('desc'), rows: 2, isAlwaysThere: true })}
<div class="side-by-side">
<div>${field({
    id: `${id}-hosts`,
    label: 'Hosts',
    to: 'hosts',
    as: 'list',
    value: listOf(service?.body.hosts).join(', '),
    mayBeAbsent: true,
    hint: 'Separated by commas; any host when empty.',
  })}</div>
<div>${field({ id: `${id}-prefix`, label: 'Path Prefix', to: 'path_prefix', value: text('path_prefix'), mayBeAbsent: true, hint: 'Stands before every path of its routes.' })}</div>
</div>
<label class="check"><input type="checkbox" data-to="strip_path_prefix" data-as="flag"${
    service?.body.strip_path_prefix === true ? html` checked` : null
  }>Strip Path Prefix</label>`
}

const nodesField = (owner: string, nodes: readonly object[]): Html => html`
<fieldset class="nodes">
  <legend>Nodes</legend>
  <input type="hidden" data-to="upstream.nodes" data-as="json" data-nodes="${JSON.stringify(nodes)}" value="${JSON.stringify(nodes)}">
  <ul></ul>
  <button class="quiet small" type="button" data-opens="${owner}-node">Add Node</button>
</fieldset>`

const nodeDialog = (owner: string): Html => html`<template data-dialog="${owner}-node">
<dialog id="${owner}-node" aria-labelledby="${owner}-node-title">
  <form class="stack" data-adds-node-to="${owner}">
    <h2 id="${owner}-node-title">Add Node</h2>
    <label for="${owner}-host">Host</label>
    <input id="${owner}-host" name="host" type="text" autocomplete="off" required>
    <div class="side-by-side">
    <div><label for="${owner}-port">Port</label>
    <input id="${owner}-port" name="port" type="number" min="1" max="65535" value="80" required></div>
    <div><label for="${owner}-weight">Weight</label>
    <input id="${owner}-weight" name="weight" type="number" min="0" value="100" required></div>
    </div>
    <div class="actions">
      <button class="quiet" type="button" data-closes>Cancel</button>
      <button class="primary" type="submit">Add</button>
    </div>
  </form>
</dialog></template>`
