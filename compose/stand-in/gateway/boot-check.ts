// What must hold before a gateway starts: more than half of its DP Managers answer, and the first one takes a heartbeat.
import type { DpManager } from './dp-manager.ts'
import { type Log, reasonOf } from './log.ts'
import type { Timings } from './timings.ts'

interface Checking {
  readonly timings: Timings
  readonly log: Log
}

const oldestEtcd = '3.4.0'

/**
 * Asks every endpoint for its version and dies with the vendor's words (apisix/cli/etcd.lua) when none answers, or not more
 * than half: of two endpoints with one down a gateway does not start. The error also says why each of them did not answer.
 */
export async function checkEndpoints(
  dpManager: DpManager,
  endpoints: readonly string[],
  { timings, log }: Checking,
): Promise<void> {
  const answers = await Promise.all(endpoints.map((endpoint) => versionOf(dpManager, endpoint, { timings, log })))
  const versions = answers.flatMap((answer) => ('version' in answer ? [answer.version] : []))
  const silent = answers.flatMap((answer) => ('because' in answer ? [answer.because] : [])).join('; ')
  if (versions.length === 0) throw new Error(`all etcd nodes are unavailable: ${silent}`)
  if (versions.length <= endpoints.length / 2) {
    throw new Error(
      `the etcd cluster needs at least 50% and above healthy nodes (${versions.length} of ${endpoints.length} answer): ${silent}`,
    )
  }
  for (const version of versions) checkVersion(version)
}

/** Three heartbeats at once; when none is taken the gateway exits, as the vendor's does since 3.8.21. */
export async function checkHeartbeat(beat: () => Promise<void>, log: Log): Promise<void> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      await beat()
      return
    } catch (error) {
      log.warn({ attempt, reason: reasonOf(error) }, 'heartbeat at start was not taken')
    }
  }
  throw new Error('failed to connect with control plane after 3 attempts, exiting...')
}

type Answer = { readonly version: string } | { readonly because: string }

async function versionOf(dpManager: DpManager, endpoint: string, { timings, log }: Checking): Promise<Answer> {
  let because = 'it was not asked: STARTUP_RETRY is 0'
  for (let attempt = 1; attempt <= timings.startupTries; attempt += 1) {
    try {
      return { version: await dpManager.version(endpoint, timings.versionLimitMs) }
    } catch (error) {
      because = whyNot(error)
      log.warn({ endpoint, attempt, reason: because }, `request etcd endpoint '${endpoint}/version' error`)
    }
  }
  return { because: `${endpoint}: ${because}` }
}

/** Certificates of another installation are the one reason that an operator cannot see from outside. */
function whyNot(error: unknown): string {
  const reason = reasonOf(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_SIGNATURE_FAILURE|ALERT_UNKNOWN_CA|DECRYPT_ERROR/.test(code)
  ) {
    return `${reason}: the DP Manager and this gateway do not trust one CA, are its certificates of another installation?`
  }
  return reason
}

function checkVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldestEtcd.split('.').map(Number)
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  throw new Error(
    `etcd cluster version ${version} is less than the required version ${oldestEtcd}, please upgrade your etcd cluster`,
  )
}
