// The navigation beside every page: a gateway group's pages, and the organization's.
import { instancesPath, servicesPath, settingsPath } from './addresses.ts'
import { type Html, html } from './html.ts'

export type Section =
  | 'Gateway Groups'
  | 'Published Services'
  | 'Gateway Instances'
  | 'Gateway Settings'
  | 'License'
  | 'Tokens'
  | 'Users'
  | 'Audit Log'

/** A gateway group, as far as the navigation names it. */
export interface NamedGroup {
  readonly id: string
  readonly name: string
}

interface Entry {
  readonly name: Section
  readonly href: string
}

/** The whole navigation, with the entry of this page marked. */
export const navigation = (current: Section, { id, name }: NamedGroup): Html => html`<nav aria-label="Main">
${block('Gateways', [{ name: 'Gateway Groups', href: '/gateway_groups' }], current)}
${block(
  `Group ${name}`,
  [
    { name: 'Published Services', href: servicesPath(id) },
    { name: 'Gateway Instances', href: instancesPath(id) },
    { name: 'Gateway Settings', href: settingsPath(id) },
  ],
  current,
)}
${block(
  'Organization',
  [
    { name: 'License', href: '/organization/license' },
    { name: 'Tokens', href: '/organization/tokens' },
    { name: 'Users', href: '/organization/users' },
    { name: 'Audit Log', href: '/audit_log' },
  ],
  current,
)}
</nav>`

const block = (title: string, entries: readonly Entry[], current: Section): Html =>
  html`<h2>${title}</h2><ul>${entries.map((entry) => entryOf(entry, current))}</ul>`

const entryOf = ({ name, href }: Entry, current: Section): Html =>
  html`<li><a href="${href}" id="menu-item-${name.replaceAll(' ', '-')}"${name === current ? html` aria-current="page"` : null}>${name}</a></li>`
