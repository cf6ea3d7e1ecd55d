// Dialogs that call the Admin API (templates, in the page only while they are open), the fields in them, and the menu that opens one.
import { type Html, html } from './html.ts'

/** A dialog whose form is one call of the Admin API. */
export interface DialogParts {
  readonly id: string
  readonly title: string
  readonly send: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET'
  readonly href: string
  /** What the toast says afterwards: 'Add Route Successfully'. */
  readonly done: string
  /** Where to go then; '{id}' stands for the new object's. Left out, the page stays and is brought up to date. */
  readonly next?: string
  readonly submit: string
}

/** The dialog, with its fields between the title and the buttons. */
export const dialog = (parts: DialogParts, fields: Html): Html => {
  const { id, title, send, href, done, next, submit } = parts
  return html`<template data-dialog="${id}">
<dialog id="${id}" aria-labelledby="${id}-title">
  <form class="stack" data-send="${send}" data-href="${href}" data-done="${done}"${next ? html` data-next="${next}"` : null}>
    <h2 id="${id}-title">${title}</h2>
    <div class="problem-place" role="alert"></div>
    ${fields}
    <div class="actions">
      <button class="quiet" type="button" data-closes>${send === 'GET' ? 'Close' : 'Cancel'}</button>
      <button class="${send === 'DELETE' ? 'danger' : 'primary'}" type="submit">${submit}</button>
    </div>
  </form>
</dialog></template>`
}

/** A dialog that asks once more before something is removed. */
export const deleteDialog = (
  parts: Pick<DialogParts, 'id' | 'href' | 'next'> & { readonly what: string; readonly warning: string },
): Html => {
  const { what, warning, ...rest } = parts
  const words = { title: `Delete ${what}`, done: `Delete ${what} Successfully`, submit: 'Confirm' }
  return dialog({ ...rest, ...words, send: 'DELETE' }, html`<p>${warning}</p>`)
}

/** One field. `to` is the member of the object it sets, dots between levels. */
export interface FieldParts {
  readonly id: string
  readonly label: string
  readonly to: string
  readonly as?: 'text' | 'number' | 'list' | 'days' | 'secret'
  readonly value?: string | undefined
  readonly hint?: string
  readonly isRequired?: boolean
  /** Left out of the object when empty. */
  readonly mayBeAbsent?: boolean
  /** The object has this member whatever it says, so a JSON Patch replaces it. */
  readonly isAlwaysThere?: boolean
  readonly rows?: number
}

/** A labelled field of one line, or of several. */
export const field = (parts: FieldParts): Html => {
  const { id, label, hint, rows, value = '' } = parts
  const control = rows
    ? html`<textarea id="${id}" rows="${rows}" maxlength="65536" ${attributesOf(parts)}>${value}</textarea>`
    : html`<input id="${id}" type="${typeOf(parts)}" value="${value}" autocomplete="${parts.as === 'secret' ? 'new-password' : 'off'}" ${attributesOf(parts)}>`
  return html`<label for="${id}">${label}</label>${control}${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : null}`
}

const typeOf = ({ as }: FieldParts): string =>
  as === 'secret' ? 'password' : as === 'number' || as === 'days' ? 'number' : 'text'

const attributesOf = ({ id, to, as = 'text', hint, isRequired, mayBeAbsent, isAlwaysThere }: FieldParts): Html =>
  html`name="${to}" data-to="${to}" data-as="${as}"${hint ? html` aria-describedby="${id}-hint"` : null}${isRequired ? html` required` : null}${
    mayBeAbsent ? html` data-may-be-absent` : null
  }${isAlwaysThere ? html` data-always-there` : null}${as === 'days' ? html` min="1" max="3650"` : null}`

/** A labelled choice; options are [value, words]. */
export const choice = (
  { id, label, to, value }: Pick<FieldParts, 'id' | 'label' | 'to' | 'value'>,
  options: readonly (readonly [value: string, words: string])[],
): Html => html`<label for="${id}">${label}</label>
<select id="${id}" name="${to}" data-to="${to}">${options.map(
  ([each, words]) => html`<option value="${each}"${each === value ? html` selected` : null}>${words}</option>`,
)}</select>`

/** The button with three dots, and the acts it offers: [words, the dialog each opens]. */
export const moreMenu = (acts: readonly (readonly [words: string, opens: string])[]): Html => html`
<div class="more writes">
  <button class="quiet" type="button" data-cy="more" aria-haspopup="menu" aria-expanded="false">More</button>
  ${menu(acts)}
</div>`

/** A menu that stands closed below the button before it. */
export const menu = (acts: readonly (readonly [words: string, opens: string])[]): Html =>
  html`<div role="menu" hidden>${acts.map(
    ([words, opens]) =>
      html`<button type="button" role="menuitem" tabindex="-1" data-opens="${opens}">${words}</button>`,
  )}</div>`

/** A place for an answer that is shown once; `member` is the answer's, or empty for all of it. */
export const result = (id: string, label: string, { member = '', rows = 3 } = {}): Html =>
  html`<div class="result" hidden><label for="${id}">${label}</label>
<textarea id="${id}" rows="${rows}" readonly data-result="${member}"></textarea></div>`
