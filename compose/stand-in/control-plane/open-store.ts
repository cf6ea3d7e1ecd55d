// Where a Dashboard keeps its data: PostgreSQL, or etcd as API7 2.x does.
import type { Database } from './database.ts'
import { acknowledgingEarly } from './early-answer.ts'
import { etcdStore } from './etcd-store/etcd-store.ts'
import { postgresStore } from './postgres-store/postgres-store.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store.ts'

/** The store the settings ask for. It connects only when asked something. */
export const openStore = (
  { store, keptRevisions, acknowledgesEarlyMs }: Pick<Settings, 'store' | 'keptRevisions' | 'acknowledgesEarlyMs'>,
  database: Database,
): Store => {
  const opened = store.kind === 'etcd' ? etcdStore(store) : postgresStore(database, keptRevisions)
  return { ...opened, published: acknowledgingEarly(opened.published, acknowledgesEarlyMs) }
}
