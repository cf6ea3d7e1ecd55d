// A backup of the database, as an operator makes one before an upgrade, and the way back to it: by PostgreSQL's own programs.
import type { Runtime } from '../fault/runtime.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Container, Node } from '../topology/topology.ts'

/** What the database was when it was backed up. */
export interface DatabaseBackup {
  /**
   * The database becomes what it was, and is shown to be. While the control plane is down: it would write meanwhile. Throws
   * ScenarioError ERR_BACKUP where it does not become so, or where another node leads by now.
   */
  restore(): Promise<void>
}

export interface BackupWorld {
  readonly runtime: Pick<Runtime, 'execute'>
  readonly primary: () => Promise<Node>
}

const FILE = '/tmp/firedrill-backup.sql'

/**
 * Over PostgreSQL's own socket, as whoever may there: the superuser, or the owner by the container's own variables. No password leaves it.
 */
const OPEN = [
  'umask 077',
  `export PGDATABASE="\${POSTGRES_DB:-\${POSTGRES_USER:-postgres}}" PGUSER=postgres PGPASSWORD="$POSTGRES_PASSWORD"`,
  `psql --no-psqlrc --command 'select 1' > /dev/null 2>&1 || export PGUSER="\${POSTGRES_USER:-postgres}"`,
]

/** Newer versions put a random word around a dump. */
const DUMP = "pg_dump --clean --if-exists | grep -v '^.\\(un\\)\\?restrict '"

const script = (...lines: readonly string[]): readonly string[] => [
  'bash',
  '-euo',
  'pipefail',
  '-c',
  [...OPEN, ...lines].join('\n'),
]

const BACK_UP = script(`${DUMP} > ${FILE}`, `test -s ${FILE}`)

const RESTORE = script(`psql --quiet --no-psqlrc --single-transaction --set ON_ERROR_STOP=1 --file ${FILE} > /dev/null`)

/** Dumped again, it is the file that it came from. */
const COMPARE = script(`${DUMP} | cmp - ${FILE}`)

/** Backs the database up where it is led from. Throws ScenarioError ERR_BACKUP where that fails, ERR_NO_MEMBER where nobody leads. */
export const backUpDatabase = async ({ runtime, primary }: BackupWorld): Promise<DatabaseBackup> => {
  const backedUp = await primary()
  const run = async (what: string, command: readonly string[], { id, name } = containerOf(backedUp)): Promise<void> => {
    const { exitCode, output } = await runtime.execute(id, command)
    if (exitCode === 0) return
    const said = output.trim().split('\n').at(-1) || 'nothing was said'
    throw new ScenarioError(`${what} of the database in ${name} failed: ${said}`, { code: 'ERR_BACKUP' })
  }
  await run('The backup', BACK_UP)
  return {
    restore: async () => {
      const leads = await primary()
      if (leads.name !== backedUp.name)
        throw new ScenarioError(`The backup lies in ${backedUp.name}, and ${leads.name} leads the database by now.`, {
          code: 'ERR_BACKUP',
        })
      await run('The restoration', RESTORE)
      await run('The comparison with its backup', COMPARE)
    },
  }
}

const containerOf = ({ name, containers }: Node): Container => {
  const [container] = containers
  if (container) return container
  throw new ScenarioError(`${name} has no container to back the database up in.`, { code: 'ERR_BACKUP' })
}
