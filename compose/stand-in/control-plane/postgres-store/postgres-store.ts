// The Dashboard's data in PostgreSQL, where DP Manager reads the gateways' configuration.
import { compact } from '../configuration.ts'
import type { Database } from '../database.ts'
import { listInstances } from '../instances.ts'
import { migrate } from '../schema.ts'
import type { Store } from '../store.ts'
import { auditIn } from './audit.ts'
import { groupsIn } from './groups.ts'
import { installationIn, licenseIn, systemSettingsIn } from './installation.ts'
import { publishedIn } from './published.ts'
import { sessionsIn, tokensIn, usersIn } from './users.ts'

/** The store over a database that somebody else opened and will close. */
export const postgresStore = (database: Database, keptRevisions?: number): Store => ({
  users: usersIn(database),
  sessions: sessionsIn(database),
  tokens: tokensIn(database),
  groups: groupsIn(database),
  published: publishedIn(database),
  audit: auditIn(database),
  license: licenseIn(database),
  systemSettings: systemSettingsIn(database),
  installation: installationIn(database),
  instances: { areKnown: true, list: (group) => listInstances(database, group.id) },
  prepare: (seed) => migrate(database, seed),
  isWell: (limitMs) => database.isWell(limitMs),
  tidy: () => compact(database, keptRevisions),
  close: async () => undefined,
})
