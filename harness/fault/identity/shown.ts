// With what a gateway shows DP Manager who it is: the certificate in its files, and the doors that it is shown at.
import { X509Certificate } from 'node:crypto'
import type { Clock } from '../../time/clock.ts'
import type { Container, Node } from '../../topology/topology.ts'
import type { Network } from '../network/network.ts'
import type { Runtime } from '../runtime.ts'

/** Where the vendor's start script writes them. */
export const FILES = { certificate: '/tmp/api7ee.crt', key: '/tmp/api7ee.key' } as const

/** A certificate and its private key, both PEM. The key goes to nobody but a container of ours. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}

/** Where a DP Manager asks gateways for a certificate. */
export interface Door {
  readonly name: string
  readonly address: string
  readonly port: number
}

/** What the fault works with. */
export interface IdentityWorld {
  readonly runtime: Pick<Runtime, 'execute'>
  readonly network: Pick<Network, 'sever'>
  readonly clock: Clock
  readonly doors: readonly Door[]
  /** A certificate for this gateway group that DP Manager has to refuse. */
  readonly issue: (asked: { readonly state: string; readonly gatewayGroupId: string }) => Promise<Identity>
  /** One handshake and one question at a door, from a container of its own. */
  readonly knock: (door: Door, identity: Identity) => Promise<{ readonly isTaken: boolean; readonly said: string }>
  /** The status of an answer, null where none came; times in ms since the run began. */
  readonly statusOf: (
    url: string,
    limitMs: number,
  ) => Promise<{ readonly status: number | null; readonly from: number; readonly to: number }>
  /** How long witnesses go on looking once the injector says it is done; 5 s by default. */
  readonly attestLimitMs?: number
}

/** The doors of these nodes that ask for a certificate. */
export const doorsOf = (nodes: readonly Node[]): readonly Door[] =>
  nodes.flatMap(({ containers }) =>
    containers.flatMap(({ name, address, ports }) => {
      const port = ports['dp-manager-tls']?.inside
      return port === undefined ? [] : [{ name, address, port }]
    }),
  )

/** What a container shows from its next connection on; null where it has no such files, or does not run. */
export const shownBy = async ({ runtime }: IdentityWorld, { id }: Container): Promise<Identity | null> => {
  const [certificate, key] = await Promise.all([
    runtime.execute(id, ['cat', FILES.certificate]),
    runtime.execute(id, ['cat', FILES.key]),
  ])
  if (certificate.exitCode !== 0 || key.exitCode !== 0) return null
  return { certificate: certificate.output, key: key.output }
}

/** DP Manager reads a gateway's group from its certificate. */
export const groupOf = ({ certificate }: Identity): string =>
  /^OU=(.+)$/m.exec(new X509Certificate(certificate).subject)?.[1] ?? 'default'

/** Who issued it, its serial number, and until when it is valid; never the key. */
export const describe = ({ certificate }: Identity): string => {
  const { serialNumber, issuer, validTo } = new X509Certificate(certificate)
  return `the certificate ${serialNumber.slice(0, 8)} of ${issuer.replaceAll('\n', ', ')}, valid until ${validTo}`
}

/** Whether the two show the same one. */
export const isSame = (one: Identity, other: Identity): boolean =>
  new X509Certificate(one.certificate).fingerprint256 === new X509Certificate(other.certificate).fingerprint256
