// A backup of the database, as an operator makes one before an upgrade, and the way back to it: by PostgreSQL's own programs.
import { randomUUID } from 'node:crypto'
import type { FaultLog } from '../fault/fault.ts'
import type { Runtime } from '../fault/runtime.ts'
import { toMs } from '../time/duration.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Container, Node } from '../topology/topology.ts'

/** What the database was when it was backed up. */
export interface DatabaseBackup {
  /**
   * The database becomes what it was, and is shown to be. While the control plane is down: it would write meanwhile. Once: the backup is
   * removed with it, whatever comes of it. Throws ScenarioError ERR_BACKUP where it does not become so, or where another node leads by now.
   */
  restore(): Promise<void>
}

export interface BackupWorld {
  readonly runtime: Pick<Runtime, 'execute'>
  readonly primary: () => Promise<Node>
  /** Takes how a backup is removed before there is one: a harness that dies leaves its removal to others. */
  readonly log: FaultLog
  /** Takes what removes it when the stage closes, where no script did. */
  readonly atClose: (what: string, remove: () => Promise<void>) => void
}

const FILE = '/tmp/firedrill-backup.sql'

/** Longer than any drill goes on: whatever is older, nobody will restore. */
const LONGEST_MS = toMs('24h')

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

const REMOVE = ['rm', '-f', FILE]

/**
 * Backs the database up where it is led from. It holds every row, and is removed by whoever comes first: its own failure, `restore`,
 * the close of the stage, or whoever finds it in the fault log of a run that died. Throws ScenarioError ERR_BACKUP where that fails,
 * ERR_NO_MEMBER where nobody leads.
 */
export const backUpDatabase = async ({ runtime, primary, log, atClose }: BackupWorld): Promise<DatabaseBackup> => {
  const backedUp = await primary()
  const container = containerOf(backedUp)
  const run = async (what: string, command: readonly string[]): Promise<void> => {
    const { exitCode, output } = await runtime.execute(container.id, command)
    if (exitCode === 0) return
    const said = output.trim().split('\n').at(-1) || 'nothing was said'
    throw new ScenarioError(`${what} of the database in ${container.name} failed: ${said}`, { code: 'ERR_BACKUP' })
  }
  const remove = await removalOf({ log, backedUp, container }, () => run('The removal of the backup', REMOVE))
  atClose('The backup of the database was not removed', remove)
  /** What will not go now is tried again, and told of, when the stage closes. */
  const removeNow = (): Promise<void> => remove().catch(() => {})
  const restore = async (): Promise<void> => {
    const leads = await primary()
    if (leads.name !== backedUp.name)
      throw new ScenarioError(`The backup lies in ${backedUp.name}, and ${leads.name} leads the database by now.`, {
        code: 'ERR_BACKUP',
      })
    await run('The restoration', RESTORE)
    await run('The comparison with its backup', COMPARE)
  }
  await run('The backup', BACK_UP).catch(async (error: Error) => {
    await removeNow()
    throw error
  })
  return { restore: () => restore().finally(removeNow) }
}

/** What removes a backup, once; noted before there is one. */
const removalOf = async (
  { log, backedUp, container }: Pick<BackupWorld, 'log'> & { readonly backedUp: Node; readonly container: Container },
  remove: () => Promise<void>,
): Promise<() => Promise<void>> => {
  const id = `backup-${randomUUID()}`
  await log.intend({
    id,
    kind: 'backup',
    targets: [backedUp.name],
    undo: [{ act: 'delete', container: container.id, path: FILE }],
    longestMs: LONGEST_MS,
  })
  let isThere = true
  return async () => {
    if (!isThere) return
    await remove()
    isThere = false
    await log.clear(id)
  }
}

const containerOf = ({ name, containers }: Node): Container => {
  const [container] = containers
  if (container) return container
  throw new ScenarioError(`${name} has no container to back the database up in.`, { code: 'ERR_BACKUP' })
}
