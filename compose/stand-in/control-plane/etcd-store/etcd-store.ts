// The Dashboard's data in etcd, where gateways of API7 2.x read their configuration themselves.
import type { Store } from '../store.ts'
import { AUDIT_SECONDS, auditIn } from './audit.ts'
import { changesIn } from './changes.ts'
import type { Etcd } from './etcd.ts'
import { type EtcdAddress, etcdClient } from './etcd-client.ts'
import { groupsIn } from './groups.ts'
import { installationIn, licenseIn, prepare, systemSettingsIn } from './installation.ts'
import { keysUnder } from './keys.ts'
import { publishedIn } from './published.ts'
import { rotatingLease } from './rotating-lease.ts'
import { sessionsIn, tokensIn } from './sessions.ts'
import { usersIn } from './users.ts'

/** Where an installation is in etcd: conf.etcd of the vendor's Dashboard. */
export interface EtcdPlace extends EtcdAddress {
  /** '/api7' */
  readonly prefix: string
}

/** The store at this place. It connects only when asked something. */
export const etcdStore = (place: EtcdPlace): Store => {
  const client = etcdClient(place)
  const keys = keysUnder(place.prefix)
  const auditLease = rotatingLease(client, AUDIT_SECONDS)
  const etcd: Etcd = { client, keys, changes: changesIn(client, keys.marks, [auditLease]), auditLease }
  return {
    users: usersIn(etcd),
    sessions: sessionsIn(etcd),
    tokens: tokensIn(etcd),
    groups: groupsIn(etcd),
    published: publishedIn(etcd),
    audit: auditIn(etcd),
    license: licenseIn(etcd),
    systemSettings: systemSettingsIn(etcd),
    installation: installationIn(etcd),
    // Gateways of 2.x read etcd and tell nobody that they do.
    instances: { areKnown: false, list: async () => [] },
    prepare: (seed) => prepare(etcd, seed),
    isWell: (limitMs) => client.isWell(limitMs),
    // Leases end what expires, and etcd compacts its own history (--auto-compaction-retention).
    tidy: async () => undefined,
    close: () => client.close(),
  }
}
