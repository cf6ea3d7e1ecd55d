// The tables of the configuration gateways read, and what they hold before anything was published.
import { markersUnder } from './configuration-markers.ts'
import type { Statements } from './database.ts'
import { EPOCH_NOW, SERVER_TIMELINE } from './revision.ts'

// Keys and values are bytes, as etcd's are: any of them can be kept, and they sort as etcd sorts them.
// An event without a value says that its key was deleted. The latest event of a key that lives is never removed, so
// that the configuration as it was at any kept revision can be read from the events alone.
export const CONFIGURATION_TABLES = `
CREATE TABLE config_revision (
  is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
  revision int8 NOT NULL,
  oldest int8 NOT NULL,
  timeline int NOT NULL,
  table_oid oid NOT NULL
);
CREATE TABLE config_kv (
  key bytea PRIMARY KEY,
  value bytea NOT NULL,
  create_revision int8 NOT NULL,
  mod_revision int8 NOT NULL,
  version int8 NOT NULL,
  lease int8 NOT NULL DEFAULT 0
);
CREATE INDEX config_kv_by_lease ON config_kv (lease) WHERE lease <> 0;
CREATE TABLE config_event (
  revision int8 NOT NULL,
  key bytea NOT NULL,
  sub int NOT NULL,
  value bytea,
  create_revision int8 NOT NULL,
  version int8 NOT NULL,
  lease int8 NOT NULL DEFAULT 0,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (revision, sub)
);
CREATE UNIQUE INDEX config_event_by_key ON config_event (key, revision);
CREATE TABLE config_lease (
  id int8 PRIMARY KEY,
  ttl_s int8 NOT NULL,
  expires_at timestamptz NOT NULL
);`

/** Starts the counter and puts the default group's markers. */
export const seedConfiguration = async (transaction: Statements, prefix: string): Promise<void> => {
  // An epoch of its own, so that a database made anew never gives out a revision that an older one gave.
  // The markers stand at a revision before the kept ones: a watch may begin after them, not at them.
  await transaction.query(
    `INSERT INTO config_revision (revision, oldest, timeline, table_oid)
     VALUES (${EPOCH_NOW}, ${EPOCH_NOW} + 1, ${SERVER_TIMELINE}, 'config_revision'::regclass)`,
  )
  await putMarkers(transaction, prefix)
}

/** Puts the markers of a prefix at the revision the counter stands at. */
export const putMarkers = async (transaction: Statements, prefix: string): Promise<void> => {
  await transaction.query(
    `WITH put AS (
       INSERT INTO config_kv (key, value, create_revision, mod_revision, version)
       SELECT convert_to(marker, 'UTF8'), 'init_dir', revision, revision, 1
       FROM config_revision, unnest($1::text[]) AS marker
       RETURNING *
     )
     INSERT INTO config_event (revision, key, sub, value, create_revision, version)
     SELECT mod_revision, key, row_number() OVER (ORDER BY key), value, create_revision, version FROM put`,
    [markersUnder(prefix)],
  )
}
