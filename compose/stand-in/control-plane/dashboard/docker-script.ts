// The script that starts a gateway with Docker and joins it to a group, as the vendor's Dashboard writes it.
import type { FastifyRequest } from 'fastify'
import type { GatewayCertificate } from './gateways-api.ts'
import { RefusedError } from './refused.ts'

/** What the script is asked to do. */
export interface ScriptQuestion {
  readonly name: string
  readonly image: string
  readonly httpPort: number
  readonly httpsPort: number
  readonly dpManagerAddresses: readonly string[]
  readonly network: string
  readonly extraArguments: readonly string[]
}

const GATEWAY_IMAGE = 'firedrill/gateway:local'
const SERVER_NAME = 'api7ee3-dp-manager'

/** Reads the question from the query; nothing in it may end the quotes it is put into. Throws RefusedError 400. */
export const scriptQuestionOf = (request: FastifyRequest, known: readonly string[]): ScriptQuestion => {
  const query = request.query as Readonly<Record<string, string | string[] | undefined>>
  const one = (name: string, fallback: string): string =>
    plain(name, [query[name] ?? fallback].flat().at(-1) || fallback)
  const many = (name: string): readonly string[] => [query[name] ?? [], query[`${name}[]`] ?? []].flat()
  const asked = many('dp_manager_address').filter(Boolean)
  const addresses = asked.length > 0 ? asked : known
  return {
    name: one('name', 'gateway-1'),
    image: one('image', GATEWAY_IMAGE),
    httpPort: port('http_port', one('http_port', '9080')),
    httpsPort: port('https_port', one('https_port', '9443')),
    dpManagerAddresses: (addresses.length > 0 ? addresses : [`https://${request.hostname}:7943`]).map((address) =>
      plain('dp_manager_address', address),
    ),
    network: query.network ? one('network', '') : '',
    extraArguments: many('extra_args').map((argument) => plain('extra_args', argument)),
  }
}

/** Text for sh. The private key is in it, as in the vendor's: whoever reads the script can join the group. */
export const dockerScript = (question: ScriptQuestion, certificate: GatewayCertificate): string => {
  const { name, image, httpPort, httpsPort, dpManagerAddresses, network, extraArguments } = question
  const isOnHost = network === 'host'
  const lines = [
    `--name '${name}'`,
    ...(network ? [`--network '${network}'`] : []),
    `-e API7_DP_MANAGER_ENDPOINTS='${JSON.stringify(dpManagerAddresses)}'`,
    `-e API7_GATEWAY_GROUP_SHORT_ID='${certificate.gateway_group_id}'`,
    `-e API7_DP_MANAGER_SNI='${SERVER_NAME}'`,
    `-e API7_DP_MANAGER_CERT='${certificate.certificate}'`,
    `-e API7_DP_MANAGER_KEY='${certificate.private_key}'`,
    `-e API7_DP_MANAGER_CA='${certificate.ca_certificate}'`,
    `-e NODE_NAME='${name}'`,
    ...(isOnHost ? [] : [`-p '${httpPort}:9080'`, `-p '${httpsPort}:9443'`]),
    ...extraArguments.map((argument) => `'${argument}'`),
  ]
  return `#!/bin/sh\n# Starts ${name} and joins it to its gateway group. It holds a private key: keep it to yourself.\nset -e\ndocker run -d ${lines.join(' \\\n  ')} \\\n  '${image}'\n`
}

const plain = (name: string, value: string): string => {
  if (/^[^'\\\p{Cc}]{1,500}$/u.test(value)) return value
  throw new RefusedError(400, `${name}: expected 1 to 500 characters without quotes, backslashes and line ends`)
}

const port = (name: string, text: string): number => {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value
  throw new RefusedError(400, `${name} is '${text}': expected a port number`)
}
