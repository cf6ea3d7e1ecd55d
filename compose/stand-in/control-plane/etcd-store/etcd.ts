// What the parts of the etcd store share: who asks, who changes, and where things stand.
import type { Changes } from './changes.ts'
import type { EtcdClient } from './etcd-client.ts'
import type { Keys } from './keys.ts'
import type { RotatingLease } from './rotating-lease.ts'

export interface Etcd {
  readonly client: EtcdClient
  readonly changes: Changes
  readonly keys: Keys
  /** Ends the audit log's entries. */
  readonly auditLease: RotatingLease
}

/** Epoch seconds, by this node's clock: etcd has none to ask. */
export const nowSeconds = (): number => Math.floor(Date.now() / 1_000)
