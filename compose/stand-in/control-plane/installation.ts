// The installation: what every program of one control plane shares and no other control plane has.
import type { Authority } from './certificates.ts'
import type { Statements } from './database.ts'

/** The table, of one row. */
export const INSTALLATION_TABLE = `
CREATE TABLE installation (
  is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
  authority_certificate text NOT NULL,
  authority_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);`

/** The installation's authority; undefined while no Dashboard has made the schema yet. */
export const readAuthority = async (database: Statements): Promise<Authority | undefined> => {
  // Not a query that fails without the table: DP Manager may ask before the first Dashboard has migrated.
  const tables = await database.query(
    `SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'installation'`,
  )
  if (tables.length === 0) return undefined
  const [authority] = await database.query<Authority>(
    'SELECT authority_certificate AS certificate, authority_key AS key FROM installation',
  )
  return authority
}

/** Keeps the authority of a new installation. Part of the migration, so that there is never a second one. */
export const keepAuthority = async (transaction: Statements, { certificate, key }: Authority): Promise<void> => {
  await transaction.query('INSERT INTO installation (authority_certificate, authority_key) VALUES ($1, $2)', [
    certificate,
    key,
  ])
}
