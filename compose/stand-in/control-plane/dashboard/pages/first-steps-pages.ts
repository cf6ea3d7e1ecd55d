// What a person passes through at the first sign-in: a password of their own, then the licence.
import { field } from './dialog.ts'
import { type Html, html } from './html.ts'
import { cardPage, LOGO } from './layout.ts'
import { licenseFields } from './organization-pages.ts'

const BRAND: Html = html`<p class="brand">${LOGO}<span>API Gateway<small>Control plane</small></span></p>`

/** The form for a new password; `next` is where to go afterwards. */
export const changePasswordPage = ({
  next,
  mustSayOld,
}: {
  readonly next: string
  readonly mustSayOld: boolean
}): string =>
  cardPage(
    'Change Password',
    html`${BRAND}
<h1>Change Password</h1>
<p class="lead">${mustSayOld ? 'Choose a new password.' : 'The default password is in use. Choose one of your own.'}</p>
<form class="stack" data-send="PUT" data-href="/api/password" data-done="Change Password Successfully" data-next="${next}">
<div class="problem-place" role="alert"></div>
${mustSayOld ? field({ id: 'old-password', label: 'Current Password', to: 'old_password', as: 'secret', isRequired: true }) : null}
${field({
  id: 'new-password',
  label: 'New Password',
  to: 'new_password',
  as: 'secret',
  isRequired: true,
  hint: 'At least 12 characters, with upper and lower case letters, a digit and a sign.',
})}
<label for="again">Confirm Password</label>
<input id="again" type="password" autocomplete="new-password" data-repeats required>
<button class="primary" type="submit">Save</button>
</form>`,
  )

/** The form for the licence: uploading shows what it says, activating keeps it. */
export const activatePage = (next: string): string =>
  cardPage(
    'Activate',
    html`${BRAND}
<h1>Activate</h1>
<p class="lead">Upload the license of this installation.</p>
<form class="stack" data-send="PUT" data-href="/api/license?dry-run=all" data-done="Upload License Successfully" id="upload-license-form">
<div class="problem-place" role="alert"></div>
${licenseFields()}
<button class="primary" type="submit">Upload</button>
</form>
<form class="stack" data-send="PUT" data-href="/api/license" data-done="Activate Successfully" data-next="${next}" id="activate-license" hidden>
<div class="problem-place" role="alert"></div>
<p class="hint">Customer: <span data-shows="customer"></span></p>
<input type="hidden" data-to="data" data-copies="license-text">
<button class="primary" type="submit">Activate</button>
</form>`,
  )
