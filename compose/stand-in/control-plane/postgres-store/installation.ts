// What belongs to the whole installation, in PostgreSQL: license, settings and authority.
import type { Database } from '../database.ts'
import { readAuthority } from '../installation.ts'
import type { Installation, License, SystemSettings } from '../store.ts'

export const licenseIn = (database: Database): License => ({
  async read() {
    const [row] = await database.query<{ data: string }>('SELECT data FROM license')
    return row?.data
  },
  async write(text) {
    await database.transaction((transaction) =>
      transaction.query(
        `INSERT INTO license (id, data, updated_at) VALUES (1, $1, now())
         ON CONFLICT (id) DO UPDATE SET data = $1, updated_at = now()`,
        [text],
      ),
    )
  },
})

type Named = Readonly<Record<string, unknown>>

export const systemSettingsIn = (database: Database): SystemSettings => ({
  async read() {
    const [row] = await database.query<{ value: Named }>('SELECT value FROM system_settings')
    return row?.value ?? {}
  },
  merge: (changes) =>
    database.transaction(async (transaction) => {
      const [row] = await transaction.query<{ value: Named }>(
        `INSERT INTO system_settings (id, value, updated_at) VALUES (1, $1, now())
         ON CONFLICT (id) DO UPDATE SET value = (system_settings.value::jsonb || $1::jsonb)::json, updated_at = now()
         RETURNING value`,
        [JSON.stringify(changes)],
      )
      return row?.value ?? changes
    }),
})

export const installationIn = (database: Database): Installation => ({
  async authority() {
    const authority = await readAuthority(database)
    if (authority) return authority
    throw new Error('The installation has no authority: the schema was not seeded. Migrate again.')
  },
})
