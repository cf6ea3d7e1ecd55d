// What somebody set of the variables that a deployment's files take: with it and the files the deployment can be brought up again.
import { readFile } from 'node:fs/promises'

/** Read by whoever brings a deployment up, and named in no file. */
const BESIDE_THE_FILES = ['CALLER_ZONES', 'COMPOSE_PROFILES', 'CONTROL_PLANE_ZONES']

/** Told elsewhere, or no report's business. */
const OURS = /^FIREDRILL_/

/** What the deployments here are set by. A file of somebody's own takes passwords too, under names that nobody here knows. */
const SETTINGS: ReadonlySet<string> = new Set([
  ...BESIDE_THE_FILES,
  'CONTROL_PLANES_IN_B',
  'CONTROL_PLANES_IN_C',
  'DP_MANAGER_ENDPOINTS',
  'ETCD_AUTO_COMPACTION_RETENTION',
  'ETCD_ELECTION_TIMEOUT',
  'ETCD_HEARTBEAT_INTERVAL',
  'FALLBACK_CP_INTERVAL',
  'FORCE_PASSWORD_CHANGE',
  'GATEWAY_CPUS',
  'GATEWAY_TIMINGS',
  'HEARTBEAT_INTERVAL_MS',
  'LB_ADDRESSES',
  'LB_CHECK',
  'LB_CHECK_KIND',
  'LB_CHECK_TIMEOUT',
  'LB_CONNECT_TIMEOUT',
  'LB_CONTROL_PLANES',
  'LB_DASHBOARD_STICKINESS',
  'LB_DATABASE_CONNECT_TIMEOUT',
  'LB_DATABASE_DOWNINTER',
  'LB_DATABASE_FALL',
  'LB_DATABASE_FASTINTER',
  'LB_DATABASE_INTER',
  'LB_DATABASE_RISE',
  'LB_DOWNINTER',
  'LB_FALL',
  'LB_FASTINTER',
  'LB_HARD_STOP_AFTER',
  'LB_INTER',
  'LB_MODE',
  'LB_REDISPATCH',
  'LB_REPLAY',
  'LB_RETRIES',
  'LB_RISE',
  'LB_SERVER_TIMEOUT',
  'LOG_LEVEL',
  'PATRONI_LOOP_WAIT',
  'PATRONI_RETRY_TIMEOUT',
  'PATRONI_TTL',
  'PATRONI_WATCHDOG_MARGIN',
  'READY_SEES_DATABASE',
  'READY_SEMANTICS',
  'SESSION_STORE',
  'WATCH_TIMEOUT_MS',
])

/**
 * The variables that are set otherwise than the files have them by default, in order of name: { LB_MODE: 'tcp' }. Of one that is no
 * setting of the deployments here only that it is set: { API7_DB_PASS: '[redacted]' }.
 */
export const variablesSet = async (
  files: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Readonly<Record<string, string>>> => {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const defaults = new Map(
    texts.flatMap((text) =>
      [...text.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name = '', byDefault = '']) => [name, byDefault] as const),
    ),
  )
  for (const name of BESIDE_THE_FILES) defaults.set(name, '')
  const set = [...defaults].flatMap(([name, byDefault]) => {
    const value = environment[name]
    return value && value !== byDefault && !OURS.test(name)
      ? [[name, SETTINGS.has(name) ? value : '[redacted]'] as const]
      : []
  })
  return Object.fromEntries(set.sort(([one], [other]) => (one < other ? -1 : 1)))
}
