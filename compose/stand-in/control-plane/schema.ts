// The tables of the control plane, made once by whichever Dashboard starts first.

import { makeAuthority } from './certificates.ts'
import { CONFIGURATION_TABLES, seedConfiguration } from './configuration-tables.ts'
import { digest, hashPassword } from './dashboard/passwords.ts'
import type { Database, Statements } from './database.ts'
import { INSTALLATION_TABLE, keepAuthority } from './installation.ts'
import type { Seed } from './store.ts'

const VERSION = 2
/** Any constant will do, as long as every Dashboard takes the same lock. */
const MIGRATION_LOCK = 7_907_443

/** Makes what is missing. Two nodes may do it at once: the second waits for the first and finds nothing to do. */
export const migrate = async (
  database: Database,
  { adminPassword, licenseText, instanceToken }: Seed = { adminPassword: 'admin' },
): Promise<void> => {
  if (await hasSchema(database)) return
  const password = await hashPassword(adminPassword)
  const authority = await makeAuthority()
  await database.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    const version = await versionOf(transaction)
    if (version >= VERSION) return
    if (version > 0) return void (await bringUpToDate(transaction))
    await transaction.query(TABLES)
    await keepAuthority(transaction, authority)
    await seed(transaction, password, adminPassword === 'admin')
    if (licenseText) {
      await transaction.query('INSERT INTO license (id, data, updated_at) VALUES (1, $1, now())', [licenseText])
    }
    if (instanceToken) {
      await transaction.query(
        `INSERT INTO instance_tokens (id, gateway_group_id, token_hash) VALUES ('from-the-deployment', 'default', $1)`,
        [digest(instanceToken)],
      )
    }
    await transaction.query('INSERT INTO schema_version (version) VALUES ($1)', [VERSION])
  })
}

/** From version 1, which another image made: no table has the oid 0, so that whoever reads next begins a new epoch. */
const bringUpToDate = async (transaction: Statements): Promise<void> => {
  await transaction.query('ALTER TABLE config_revision ADD COLUMN table_oid oid NOT NULL DEFAULT 0')
  await transaction.query('INSERT INTO schema_version (version) VALUES ($1)', [VERSION])
}

/** True when the tables are there in the version this program knows. */
export const hasSchema = async (database: Statements): Promise<boolean> => (await versionOf(database)) >= VERSION

/** 0 where there are none yet. */
const versionOf = async (database: Statements): Promise<number> => {
  // Not to_regclass: it answers from a cache that a wait for an advisory lock does not refresh.
  const tables = await database.query(
    `SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_version'`,
  )
  if (tables.length === 0) return 0
  const [row] = await database.query<{ version: number }>('SELECT max(version) AS version FROM schema_version')
  return row?.version ?? 0
}

const seed = async (transaction: Statements, password: string, isDefault: boolean): Promise<void> => {
  await transaction.query(
    `INSERT INTO users (id, username, password_hash, has_default_password, roles)
     VALUES ('admin', 'admin', $1, $2, '{super_admin_id}')`,
    [password, isDefault],
  )
  await transaction.query(
    `INSERT INTO gateway_groups (id, name, type, key_prefix) VALUES ('default', 'default', 'api7_gateway', '/apisix')`,
  )
  await seedConfiguration(transaction, '/apisix')
}

// Bodies are json, not jsonb: what a person
// wrote reaches the gateway with its members in the same order.
const TABLES = `${INSTALLATION_TABLE}
CREATE TABLE schema_version (version int PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE users (
  id text PRIMARY KEY,
  username text NOT NULL UNIQUE,
  password_hash text NOT NULL,
  has_default_password boolean NOT NULL DEFAULT false,
  roles text[] NOT NULL DEFAULT '{}'
);
CREATE TABLE sessions (
  id_hash text PRIMARY KEY,
  user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE TABLE tokens (
  id text PRIMARY KEY,
  name text NOT NULL,
  token_hash text NOT NULL UNIQUE,
  user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz
);
CREATE TABLE system_settings (id int PRIMARY KEY CHECK (id = 1), value json NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE license (id int PRIMARY KEY CHECK (id = 1), data text NOT NULL, updated_at timestamptz NOT NULL);

CREATE TABLE gateway_groups (
  id text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  description text NOT NULL DEFAULT '',
  type text NOT NULL,
  labels json NOT NULL DEFAULT '{}',
  key_prefix text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE instance_tokens (
  id text PRIMARY KEY,
  gateway_group_id text NOT NULL REFERENCES gateway_groups ON DELETE CASCADE,
  token_hash text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE admin_keys (
  gateway_group_id text PRIMARY KEY REFERENCES gateway_groups ON DELETE CASCADE,
  key_hash text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE instances (
  id text PRIMARY KEY,
  gateway_group_id text NOT NULL REFERENCES gateway_groups ON DELETE CASCADE,
  run_id text NOT NULL,
  hostname text NOT NULL,
  ip text NOT NULL,
  version text NOT NULL,
  ports json NOT NULL,
  cores int NOT NULL,
  control_plane_revision int8 NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_heartbeat_at timestamptz NOT NULL
);

CREATE TABLE published (
  gateway_group_id text NOT NULL REFERENCES gateway_groups ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('services', 'routes', 'upstreams')),
  id text NOT NULL,
  name text NOT NULL,
  service_id text,
  body json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gateway_group_id, kind, id)
);
CREATE INDEX published_by_service ON published (gateway_group_id, service_id) WHERE service_id IS NOT NULL;

CREATE TABLE audit_logs (
  id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  operator text NOT NULL,
  action text NOT NULL,
  resource_type text NOT NULL,
  resource_id text NOT NULL,
  resource_name text NOT NULL,
  gateway_group_id text,
  node text NOT NULL,
  ip text NOT NULL
);

${CONFIGURATION_TABLES}`
