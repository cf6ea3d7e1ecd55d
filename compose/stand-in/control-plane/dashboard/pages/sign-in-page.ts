// The page on which a person signs in.
import { html } from './html.ts'
import { cardPage, LOGO } from './layout.ts'

/** The form, again with what was typed and what was wrong after a failed attempt. `next` is where to go afterwards. */
export const signInPage = ({
  next,
  username = '',
  problem,
  node,
}: {
  readonly next: string
  readonly username?: string
  readonly problem?: string
  readonly node: string
}): string =>
  cardPage(
    'Log in',
    html`<p class="brand">${LOGO}<span>API Gateway<small>Control plane</small></span></p>
<h1>Log in</h1>
${problem ? html`<p class="problem" role="alert">${problem}</p>` : null}
<form method="post" action="/login" class="stack">
  <input type="hidden" name="next" value="${next}">
  <label for="username">Username</label>
  <input id="username" name="username" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" value="${username}" required autofocus>
  <label for="password">Password</label>
  <input id="password" name="password" type="password" autocomplete="current-password" required>
  <button class="primary" type="submit">Log in</button>
</form>
<footer><small data-testid="served-by">served by ${node}</small></footer>`,
  )
