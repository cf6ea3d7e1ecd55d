// Where things stand in etcd: what gateways read under their cluster, and what only Dashboards read apart from it.
import type { Kind } from '../dashboard/published-object.ts'

export type Keys = ReturnType<typeof keysUnder>

/** Keys under the prefix of an installation: '/api7'. A cluster's gateways read '/api7/<cluster>/', and nothing else. */
export const keysUnder = (prefix: string) => {
  // No cluster is called that: the first is 'default' and the others have a UUID.
  const own = `${prefix}/dashboard`
  return {
    gatewayPrefix: (groupId: string): string => `${prefix}/${groupId}`,
    installation: `${own}/installation`,
    license: `${own}/license`,
    systemSettings: `${own}/system_settings`,
    users: `${own}/users/`,
    user: (userId: string): string => `${own}/users/${userId}`,
    sessions: `${own}/sessions/`,
    session: (digest: string): string => `${own}/sessions/${digest}`,
    tokens: `${own}/tokens/`,
    token: (digest: string): string => `${own}/tokens/${digest}`,
    groups: `${own}/groups/`,
    group: (groupId: string): string => `${own}/groups/${groupId}`,
    adminKeys: `${own}/admin_keys/`,
    adminKey: (groupId: string): string => `${own}/admin_keys/${groupId}`,
    instanceTokens: `${own}/instance_tokens/`,
    instanceToken: (digest: string): string => `${own}/instance_tokens/${digest}`,
    everyPublished: (groupId: string): string => `${own}/published/${groupId}/`,
    allPublished: (groupId: string, kind: Kind): string => `${own}/published/${groupId}/${kind}/`,
    published: (groupId: string, kind: Kind, id: string): string => `${own}/published/${groupId}/${kind}/${id}`,
    audit: `${own}/audit/`,
    marks: `${own}/marks/`,
  }
}
