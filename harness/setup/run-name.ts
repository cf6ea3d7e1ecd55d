// What runs are called, and whose a thing on the engine is, by its labels.
import { randomBytes } from 'node:crypto'

/** What is played by hand in Playwright, where FIREDRILL_RUN names it no other way. */
export const PLAYED_BY_HAND = 'firedrill-by-hand'

/**
 * A drill's name: when it began, and chance, so that two in one second differ. A process number would not do: in containers that share an
 * engine the same few come up again, and who removes a run by its name would remove the other's. Fit for Compose and for a folder.
 */
export const nameOfDrill = (): string => {
  const [day = '', time = ''] = new Date().toISOString().split('T')
  return `fd-${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${byChance()}`
}

/** That of a deployment that stays. In containers that share an engine the same few process numbers come up again: chance keeps their names apart. */
export const nameOfUp = (): string => `fd-up-${process.pid.toString(36)}-${byChance()}`

const byChance = (): string => randomBytes(3).toString('hex')

const OUR_NAME = new RegExp(`^(?:fd-(?:\\d{8}-\\d{6}|up-[0-9a-z]+)-[0-9a-f]{6}|${PLAYED_BY_HAND})$`)

/** Our own label. */
export const RUN_LABEL = 'firedrill.run'

/** Compose's, on all that it makes: a run is a project of its own. */
export const PROJECT_LABEL = 'com.docker.compose.project'

/**
 * The run that something on the engine is of: by our label, or else by its project, where that has a name that only runs of ours have. A run that
 * somebody named may be called as a project of theirs is. Undefined where it is nobody's that we know.
 */
export const runOf = (labels: Readonly<Record<string, string>> | null | undefined): string | undefined => {
  const project = labels?.[PROJECT_LABEL]
  return labels?.[RUN_LABEL] ?? (project !== undefined && OUR_NAME.test(project) ? project : undefined)
}
