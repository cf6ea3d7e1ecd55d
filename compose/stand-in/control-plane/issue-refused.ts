// A program for drills, beside DP Manager: prints a client certificate that has to be refused, and its key, as JSON. The vendor has none such.
import { openDatabase } from './database.ts'
import { readAuthority } from './installation.ts'
import { issueRefused } from './refused-certificate.ts'

const [state = '', gatewayGroupId = 'default'] = process.argv.slice(2)
const database = openDatabase(process.env.DATABASE_URL ?? '', () => undefined)
try {
  const authority = await readAuthority(database)
  if (!authority) throw new Error('There is no authority yet: a Dashboard makes it at its start.')
  const { certificate, key } = await issueRefused(authority, { state, gatewayGroupId })
  process.stdout.write(JSON.stringify({ certificate, key }))
} finally {
  await database.close()
}
