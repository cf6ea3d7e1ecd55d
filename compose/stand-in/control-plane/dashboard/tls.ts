// The Dashboard's certificate: from files somebody gave, or issued by the installation at each start.
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { type Authority, issueServerCertificate } from '../certificates.ts'
import type { Settings } from '../settings.ts'

/** What a TLS listener shows: PEM texts. */
export interface Credentials {
  readonly cert: string
  readonly key: string
}

/** The certificate to serve with; `authority` is asked only where no files were given. */
export const credentialsOf = async (
  { tlsCertFile, tlsKeyFile, nodeName }: Settings,
  authority: () => Promise<Authority>,
): Promise<Credentials> => {
  if (tlsCertFile && tlsKeyFile)
    return { cert: await readFile(tlsCertFile, 'utf8'), key: await readFile(tlsKeyFile, 'utf8') }
  const issuer = await authority()
  const names = ['api7ee3-dashboard', 'dashboard', 'localhost', nodeName, ...ownAddresses()] as const
  const { certificate, key } = await issueServerCertificate(issuer, names)
  return { cert: `${certificate}\n${issuer.certificate}`, key }
}

/** Every address of this machine, the loopback ones among them. */
const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address.replace(/%.*$/, '')))
