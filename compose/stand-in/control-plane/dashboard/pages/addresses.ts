// Where each page of the Dashboard is, and the calls of the Admin API that pages make.

const part = encodeURIComponent

/** Where a group's services are shown: the first page of somebody who has signed in. */
export const servicesPath = (group: string): string => `/gateway_groups/${part(group)}/published_services`

export const servicePath = (group: string, service: string): string => `${servicesPath(group)}/${part(service)}`

export const routePath = (group: string, service: string, route: string): string =>
  `${servicePath(group, service)}/routes/${part(route)}`

export const instancesPath = (group: string): string => `/gateway_groups/${part(group)}/gateway_instances`

export const settingsPath = (group: string): string => `/gateway_groups/${part(group)}/gateway_settings`

/** A call about all services or routes of a group, or about one. */
export const publishedCall = (group: string, kind: 'services' | 'routes', id?: string): string =>
  `/apisix/admin/${kind}${id === undefined ? '' : `/${part(id)}`}?gateway_group_id=${part(group)}`

export const groupCall = (group: string, rest = ''): string => `/api/gateway_groups/${part(group)}${rest}`
