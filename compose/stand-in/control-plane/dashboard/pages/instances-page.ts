// The table of gateway instances, which keeps itself fresh.
import type { Instance, InstanceStatus } from '../../instances.ts'
import { type Html, html } from './html.ts'
import { timeOf } from './service-pages.ts'

const WORDS: Readonly<Record<InstanceStatus, string>> = {
  Healthy: 'Healthy',
  LostConnection: 'Lost Connection',
  Offline: 'Offline',
}

export const instancesContent = (instances: readonly Instance[]): Html => html`
<h1>Gateway Instances</h1>
<p class="lead">Gateways of this group, and when each was last heard of.</p>
<div data-live>${
  instances.length === 0
    ? html`<p class="empty">No gateway has connected yet.</p>`
    : html`<div class="table"><table>
<thead><tr><th scope="col">Hostname</th><th scope="col">Address</th><th scope="col">Version</th><th scope="col">Last heartbeat</th><th scope="col">Status</th></tr></thead>
<tbody>${instances.map(
        (instance) => html`<tr>
<th scope="row">${instance.hostname}</th>
<td><code>${instance.ip}</code></td>
<td>${instance.version}</td>
<td>${timeOf(instance.last_heartbeat_time)}</td>
<td><span class="status ${instance.status}">${WORDS[instance.status]}</span></td></tr>`,
      )}</tbody></table></div>`
}</div>`
