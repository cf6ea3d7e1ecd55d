// The client certificate as the vendor's start script leaves it, in two files, and read again for each connection: whoever
// exchanges the files changes who the gateway is from its next connection on.
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildConnector } from 'undici'
import type { Settings } from './settings.ts'

const filesIn = ({ certificateFolder }: Settings) => ({
  cert: join(certificateFolder, 'api7ee.crt'),
  key: join(certificateFolder, 'api7ee.key'),
})

/** Writes what the settings have, over whatever is there. Nothing where they have none. */
export async function writeClientCertificate(settings: Settings): Promise<void> {
  const { tls, certificateFolder } = settings
  if (tls?.cert === undefined || tls.key === undefined) return
  const files = filesIn(settings)
  await mkdir(certificateFolder, { recursive: true })
  await writeFile(files.cert, tls.cert, { mode: 0o600 })
  await writeFile(files.key, tls.key, { mode: 0o600 })
}

/** Connects as whoever the files say by then, never on the word of an earlier session. */
export function certifiedConnector(settings: Settings, timeout: number): buildConnector.connector {
  const { tls } = settings
  const given = { ca: tls?.ca, servername: tls?.serverName }
  return (options, callback) => {
    try {
      const secrets = tls?.cert === undefined ? given : { ...given, ...readFiles(settings) }
      const known = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== undefined))
      buildConnector({ timeout, ...known })(options, callback)
    } catch (error) {
      callback(error as Error, null)
    }
  }
}

function readFiles(settings: Settings): { readonly cert: string; readonly key: string } {
  const files = filesIn(settings)
  return { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') }
}
