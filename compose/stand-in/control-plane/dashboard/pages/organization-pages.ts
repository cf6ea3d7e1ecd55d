// The pages of the organization: its licence, the caller's tokens, and who may sign in.
import type { LicenseView } from '../license.ts'
import { deleteDialog, dialog, field, result } from './dialog.ts'
import { type Html, html } from './html.ts'
import { timeOf } from './published-words.ts'
import { table } from './table.ts'

export const licenseContent = (license: LicenseView | undefined): Html => html`
<div class="heading"><h1>License</h1>
<button class="primary writes" type="button" aria-haspopup="dialog" data-opens="upload-license">Upload</button></div>
<div data-live>${
  license === undefined
    ? html`<p class="empty">No license was uploaded yet.</p>`
    : html`<dl class="facts">
  <dt>Customer</dt><dd>${license.customer}</dd>
  <dt>Effective from</dt><dd>${timeOf(license.effective_at)}</dd>
  <dt>Expires</dt><dd>${timeOf(license.expired_at)}</dd>
  <dt>Gateway cores</dt><dd>${license.max_dp_cores}</dd>
  <dt>State</dt><dd>${license.runtime.status}</dd>
</dl>`
}</div>
${dialog(
  {
    id: 'upload-license',
    title: 'Update License',
    send: 'PUT',
    href: '/api/license',
    done: 'Update License Successfully',
    submit: 'Update',
  },
  licenseFields(),
)}`

/** A file, or its text: both end up as the text that is sent. */
export const licenseFields = (): Html => html`
<label for="license-file">License file</label>
<input id="license-file" type="file">
${field({ id: 'license-text', label: 'License', to: 'data', rows: 4, isRequired: true })}`

/** A token as its owner sees it: never its text. */
export interface ListedToken {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  /** Epoch seconds; 0 means never. */
  readonly expiresAt: number
}

export const tokensContent = (tokens: readonly ListedToken[], nowS: number): Html => html`
<div class="heading">
  <div><h1>Tokens</h1>
  <p class="lead">A token lets a program call the Admin API in your name.</p></div>
  <button class="primary" type="button" aria-haspopup="dialog" data-opens="create-token">Create Token</button>
</div>
<div data-live>${table(
  ['Name', 'Created', 'Expires', ''],
  tokens.map(
    (token) => html`<tr>
<th scope="row">${token.name}</th>
<td>${timeOf(token.createdAt)}</td>
<td>${token.expiresAt === 0 ? 'Never' : html`${timeOf(token.expiresAt)}${token.expiresAt <= nowS ? ' (expired)' : ''}`}</td>
<td class="end"><button class="quiet small" type="button" data-opens="delete-${token.id}" aria-label="Delete token ${token.name}">Delete</button>
${deleteDialog({
  id: `delete-${token.id}`,
  what: 'Token',
  warning: `Whatever uses ${token.name} is refused from now on.`,
  href: `/api/tokens/${encodeURIComponent(token.id)}`,
})}</td></tr>`,
  ),
  'You have no token.',
)}</div>
${dialog(
  {
    id: 'create-token',
    title: 'Create Token',
    send: 'POST',
    href: '/api/tokens',
    done: 'Create Token Successfully',
    submit: 'Create',
  },
  html`${field({ id: 'token-name', label: 'Name', to: 'name', isRequired: true })}
${field({ id: 'token-days', label: 'Days until it expires', to: 'expires_at', as: 'days', hint: 'Never when empty.' })}
${result('token', 'Token, shown this once', { member: 'token' })}`,
)}`
