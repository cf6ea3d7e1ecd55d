// How a gateway without a certificate gets one from the Dashboard, and keeps it over restarts. The lab's convenience, not the vendor's:
// there somebody copies the certificate out of the Dashboard into the node's environment.
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { type Log, reasonOf } from './log.ts'
import type { ClientTls, Enrolment, Settings } from './settings.ts'
import { pause } from './wait.ts'

interface Certificate {
  readonly certificate: string
  readonly private_key: string
  readonly ca_certificate: string
}

const nextTryMs = 500
const oneTryMs = 5_000

/**
 * The settings with a client certificate in them. A certificate in the folder is taken first, so that a restarted node boots
 * while every control-plane node is down. Otherwise the Dashboard is asked until BOOT_LIMIT_MS has passed, then it throws.
 */
export async function enrolled(settings: Settings, log: Log): Promise<Settings> {
  const { enrolment, tls, gatewayGroup = 'default', nodeName } = settings
  if (enrolment === undefined) return settings
  const path = join(enrolment.folder, `${gatewayGroup}.${nodeName}.json`)
  const kept = await keptAt(path)
  if (kept !== undefined) log.info({ path }, 'enrolment: the certificate kept from before is used')
  const certificate = kept ?? (await askUntilGiven(settings, enrolment, log))
  if (kept === undefined) await keep(path, certificate)
  const { certificate: cert, private_key: key, ca_certificate: ca } = certificate
  return { ...settings, tls: withCertificate(tls, { cert, key, ca }) }
}

function withCertificate(
  tls: ClientTls | undefined,
  { cert, key, ca }: { readonly cert: string; readonly key: string; readonly ca: string },
): ClientTls {
  return { cert, key, ca: tls?.ca ?? ca, serverName: tls?.serverName }
}

async function askUntilGiven(settings: Settings, enrolment: Enrolment, log: Log): Promise<Certificate> {
  const { bootLimitMs } = settings.timings
  const limit = AbortSignal.timeout(bootLimitMs)
  const url = `${enrolment.url}/api/gateway_groups/${encodeURIComponent(settings.gatewayGroup ?? 'default')}/dp_client_certificates`
  for (;;) {
    try {
      const certificate = await ask(url, enrolment)
      log.info({ url }, 'enrolment: the Dashboard gave a client certificate')
      return certificate
    } catch (error) {
      const reason = reasonOf(error)
      if (limit.aborted) throw new Error(`enrolment: no certificate from ${url} within ${bootLimitMs} ms: ${reason}`)
      log.warn({ url, reason }, 'enrolment: no certificate yet, asking again')
      await pause(nextTryMs, limit)
    }
  }
}

async function ask(url: string, { username, password }: Enrolment): Promise<Certificate> {
  const basic = Buffer.from(`${username}:${password}`).toString('base64')
  const headers = { authorization: `Basic ${basic}`, 'content-type': 'application/json' }
  const answer = await request(url, { method: 'POST', headers, body: '{}', signal: AbortSignal.timeout(oneTryMs) })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`the Dashboard answered ${answer.statusCode}, expected 200`)
  const { value } = JSON.parse(text) as { readonly value?: Certificate }
  if (!isWhole(value)) throw new Error('the answer lacks certificate, private_key or ca_certificate')
  return value
}

/** What is kept, unless it is not there, cannot be read, or has expired. */
async function keptAt(path: string): Promise<Certificate | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (!isWhole(kept)) return undefined
    return new X509Certificate(kept.certificate).validToDate > new Date() ? kept : undefined
  } catch {
    return undefined
  }
}

/** Written beside and renamed, so that a node killed meanwhile keeps the whole file or none. Only its owner may read it. */
async function keep(path: string, certificate: Certificate): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, JSON.stringify(certificate), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

function isWhole(value: unknown): value is Certificate {
  if (typeof value !== 'object' || value === null) return false
  const parts = value as Partial<Record<keyof Certificate, unknown>>
  return [parts.certificate, parts.private_key, parts.ca_certificate].every((part) => typeof part === 'string')
}
