// The page of who may sign in, and with which role.
import type { StoredUser } from '../../store.ts'
import { ROLES, roleNamed } from '../roles.ts'
import { deleteDialog, dialog, field } from './dialog.ts'
import { type Html, html } from './html.ts'
import { table } from './table.ts'

type ListedUser = Pick<StoredUser, 'id' | 'username' | 'roles' | 'hasDefaultPassword'>

export const usersContent = (users: readonly ListedUser[]): Html => html`
<div class="heading">
  <div><h1>Users</h1>
  <p class="lead">Who may sign in here, and what each may do.</p></div>
  <button class="primary writes" type="button" aria-haspopup="dialog" data-opens="add-user">Add User</button>
</div>
<div data-live>${table(
  ['Username', 'Roles', 'Password', ''],
  users.map(
    (user) => html`<tr>
<th scope="row">${user.username}</th>
<td>${user.roles.length === 0 ? 'None' : user.roles.map((role) => html`<span class="tag">${roleNamed(role)}</span> `)}</td>
<td>${user.hasDefaultPassword ? 'To be changed' : 'Changed'}</td>
<td class="end">${actsOn(user)}</td></tr>`,
  ),
  'There is no user.',
)}</div>
${dialog(
  {
    id: 'add-user',
    title: 'Add User',
    send: 'POST',
    href: '/api/invites',
    done: 'Add User Successfully',
    submit: 'Add',
  },
  html`${field({ id: 'user-name', label: 'Username', to: 'username', isRequired: true })}
${field({ id: 'user-password', label: 'Initial Password', to: 'password', as: 'secret', isRequired: true, hint: 'To be changed when it is first used.' })}`,
)}`

const actsOn = ({ id, username, roles }: ListedUser): Html | null => {
  if (id === 'admin') return null
  const href = `/api/users/${encodeURIComponent(id)}`
  return html`<div class="buttons writes">
<button class="quiet small" type="button" data-opens="roles-${id}" aria-label="Assign roles to ${username}">Assign Roles</button>
<button class="quiet small" type="button" data-opens="delete-${id}" aria-label="Delete user ${username}">Delete</button></div>
${dialog(
  {
    id: `roles-${id}`,
    title: 'Assign Roles',
    send: 'PUT',
    href: `${href}/assigned_roles`,
    done: 'Assign Roles Successfully',
    submit: 'Save',
  },
  html`<fieldset data-to="roles" data-as="choices"><legend>Roles of ${username}</legend>
${ROLES.map(
  ([role, words]) =>
    html`<label class="check"><input type="checkbox" value="${role}"${roles.includes(role) ? html` checked` : null}>${words}</label>`,
)}</fieldset>`,
)}${deleteDialog({ id: `delete-${id}`, what: 'User', warning: `${username} is signed out everywhere.`, href })}`
}
