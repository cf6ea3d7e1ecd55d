// The certificates of an installation: its own authority, and what that issues to servers and to gateways.
import 'reflect-metadata'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** Who signs: a certificate and its private key, both PEM. One per installation, so another's gateways are strangers. */
export interface Authority {
  readonly certificate: string
  readonly key: string
}

/** A certificate with its private key, both PEM. */
export interface Issued extends Authority {
  readonly expiresAt: Date
}

const DAY_MS = 86_400_000
/** The vendor's: 10 years for the authority, about 13 months for what it issues. */
const AUTHORITY_DAYS = 3_650
const ISSUED_DAYS = 395
/** Clocks of nodes need not agree to the minute. */
const BACKDATED_MS = 3_600_000

const ED25519 = { name: 'Ed25519' }
// Browsers do not speak Ed25519 in TLS, so servers get a key of the curve they all know; gateways keep the vendor's.
const P256 = { name: 'ECDSA', namedCurve: 'P-256' }

/** A new authority. */
export const makeAuthority = async (): Promise<Authority> => {
  const keys = await newKeys(ED25519)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ O: ['API7 Inc'] }, { CN: ['API7 Inc'] }],
    keys,
    signingAlgorithm: ED25519,
    notBefore: new Date(Date.now() - BACKDATED_MS),
    notAfter: new Date(Date.now() + AUTHORITY_DAYS * DAY_MS),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
}

/** A certificate for a server that is reached by these DNS names and addresses; the first is its common name. */
export const issueServerCertificate = (authority: Authority, names: readonly [string, ...string[]]): Promise<Issued> =>
  issue(authority, {
    subject: [{ O: ['API7 Inc'] }, { CN: [names[0]] }],
    key: P256,
    usage: ExtendedKeyUsage.serverAuth,
    names,
  })

/** A certificate by which a gateway joins this group: DP Manager reads the group from its OU. */
export const issueClientCertificate = (
  authority: Authority,
  { gatewayGroupId, expiresAt }: { readonly gatewayGroupId: string; readonly expiresAt?: Date },
): Promise<Issued> =>
  issue(authority, {
    subject: [{ O: ['API7 Inc'] }, { OU: [gatewayGroupId] }, { CN: ['api7ee3-apisix-gateway'] }],
    key: ED25519,
    usage: ExtendedKeyUsage.clientAuth,
    names: [],
    ...(expiresAt && { expiresAt }),
  })

/** What a certificate is issued for. */
interface Wanted {
  readonly subject: { [attribute: string]: string[] }[]
  readonly key: typeof ED25519 | typeof P256
  readonly usage: ExtendedKeyUsage
  readonly names: readonly string[]
  /** 395 days from now where nothing is said. It is valid from an hour, or a day, before. */
  readonly expiresAt?: Date
}

const issue = async (
  authority: Authority,
  { subject, key, usage, names, expiresAt: asked }: Wanted,
): Promise<Issued> => {
  const issuer = new X509Certificate(authority.certificate)
  const keys = await newKeys(key)
  const expiresAt = asked ?? new Date(Date.now() + ISSUED_DAYS * DAY_MS)
  const from = Math.min(Date.now() - BACKDATED_MS, expiresAt.getTime() - DAY_MS)
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await privateKeyOf(authority),
    signingAlgorithm: ED25519,
    notBefore: new Date(from),
    notAfter: expiresAt,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names.map(alternativeName))]),
    ],
  })
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey), expiresAt }
}

const alternativeName = (name: string): { type: 'ip' | 'dns'; value: string } => ({
  type: isIP(name) ? 'ip' : 'dns',
  value: name,
})

const newKeys = async (algorithm: typeof ED25519 | typeof P256): Promise<CryptoKeyPair> => {
  const made = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if ('privateKey' in made) return made
  throw new Error(`WebCrypto made no pair of keys of ${algorithm.name}.`)
}

const pemOf = async (key: CryptoKey): Promise<string> =>
  PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')

const privateKeyOf = ({ key }: Authority): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(key), ED25519, false, ['sign'])
