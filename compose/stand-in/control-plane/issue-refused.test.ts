import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dashboardOn } from './control-plane.fixture.ts'
import { openDatabase } from './database.ts'
import { readAuthority } from './installation.ts'
import { HAS_NO_POSTGRES, type Postgres, startPostgres } from './postgres.fixture.ts'

const run = promisify(execFile)

describe.skipIf(HAS_NO_POSTGRES)('the program that issues what is to be refused', () => {
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres?.remove())

  const issued = async (url: string, ...words: string[]): Promise<X509Certificate> => {
    const program = new URL('issue-refused.ts', import.meta.url).pathname
    const { stdout } = await run(process.execPath, [program, ...words], { env: { ...process.env, DATABASE_URL: url } })
    return new X509Certificate(JSON.parse(stdout).certificate)
  }

  test('expired is of the installation’s own authority and over; foreign is valid, and of another one', async () => {
    const url = await postgres.createSchema()
    const dashboard = await dashboardOn(url)
    await dashboard.close()
    const database = openDatabase(url, () => undefined)
    const authority = await readAuthority(database)
    await database.close()
    const own = new X509Certificate(authority?.certificate ?? '').publicKey
    const [expired, foreign] = [await issued(url, 'expired', 'blue'), await issued(url, 'foreign', 'blue')]
    expect([expired.verify(own), foreign.verify(own)]).toEqual([true, false])
    expect([expired.validToDate < new Date(), foreign.validToDate < new Date()]).toEqual([true, false])
    expect(expired.subject).toContain('OU=blue')
  })

  test('without an installation it fails, and says what makes one', async () => {
    await expect(issued(await postgres.createSchema(), 'expired', 'blue')).rejects.toThrow(/a Dashboard makes it/)
  })
})
