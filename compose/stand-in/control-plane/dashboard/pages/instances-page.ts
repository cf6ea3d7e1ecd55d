// The table of gateway instances, which keeps itself fresh, and the dialog that writes the script to start one.
import type { Instance, InstanceStatus } from '../../instances.ts'
import { groupCall } from './addresses.ts'
import { choice, dialog, field, result } from './dialog.ts'
import { type Html, html } from './html.ts'
import { timeOf } from './published-words.ts'
import { table } from './table.ts'

const WORDS: Readonly<Record<InstanceStatus | 'OutOfSync', string>> = {
  Healthy: 'Healthy',
  OutOfSync: 'Out of Sync',
  LostConnection: 'Lost Connection',
  Offline: 'Offline',
}

const NONE_YET = 'No gateway has connected yet.'
const UNKNOWN = 'Gateways of this installation read etcd directly and do not report here: they cannot be listed.'

export const instancesContent = (
  instances: readonly Instance[],
  { areKnown, group = 'default' }: { readonly areKnown: boolean; readonly group?: string },
): Html => html`
<div class="heading">
  <div><h1>Gateway Instances</h1>
  <p class="lead">Gateways of this group, and when each was last heard of.</p></div>
  <button class="primary writes" type="button" aria-haspopup="dialog" data-opens="add-instance">Add Gateway Instance</button>
</div>
<div data-live="always">${countsOf(instances)}${table(
  ['Hostname', 'Address', 'Version', 'Last heartbeat', 'Status'],
  instances.map(
    (instance) => html`<tr>
<th scope="row">${instance.hostname}</th>
<td><code>${instance.ip}</code></td>
<td>${instance.version}</td>
<td>${timeOf(instance.last_heartbeat_time)}</td>
<td><span class="status ${instance.status}">${WORDS[instance.status]}</span></td></tr>`,
  ),
  areKnown ? NONE_YET : UNKNOWN,
)}</div>
${addInstanceDialog(group)}`

const countsOf = (instances: readonly Instance[]): Html => {
  const seen = [...new Set(instances.map(({ status }) => status))].sort()
  if (seen.length < 2) return html``
  return html`<p class="counts">${seen.map(
    (status) =>
      html`<span class="status ${status}">${instances.filter((each) => each.status === status).length} ${WORDS[status]}</span>`,
  )}</p>`
}

/** The vendor generates the same script: run with sh on the machine where the gateway is to be. */
const addInstanceDialog = (group: string): Html =>
  dialog(
    {
      id: 'add-instance',
      title: 'Add Gateway Instance',
      send: 'GET',
      href: groupCall(group, '/deployment/docker'),
      done: 'Generate Script Successfully',
      submit: 'Generate',
    },
    html`<p class="hint">Docker: the script joins this group with a certificate of its own.</p>
${field({ id: 'instance-name', label: 'Instance Name', to: 'name', value: 'gateway-1', isRequired: true })}
<div class="side-by-side">
<div>${field({ id: 'instance-http', label: 'HTTP Port', to: 'http_port', as: 'number', value: '9080', isRequired: true })}</div>
<div>${field({ id: 'instance-https', label: 'HTTPS Port', to: 'https_port', as: 'number', value: '9443', isRequired: true })}</div>
</div>
${choice({ id: 'instance-network', label: 'Network', to: 'network' }, [
  ['', 'The engine’s default'],
  ['host', 'The host’s own'],
])}
${result('instance-script', 'Script', { rows: 8 })}`,
  )
