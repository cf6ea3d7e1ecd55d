// Who calls: a gateway of a group, known by its certificate or its token, or an operator with a token of his own.

import { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import { digest } from '../dashboard/passwords.ts'
import type { Database } from '../database.ts'
import { EtcdError, GRPC, refused } from './etcd-error.ts'
import { isOperator } from './operator-token.ts'
import { groupScope, type Scope, wholeKeyspace } from './scope.ts'

/** The control plane's own version: a gateway may not be newer. */
const CONTROL_PLANE_VERSION = '3.10.5'
/** What the vendor's gateways send where their certificate is what counts. */
const PLACEHOLDER = 'a7ee-placeholder'

/** A gateway group as DP Manager knows it. */
export interface Group {
  readonly id: string
  readonly keyPrefix: string
}

/** Whom DP Manager needs to know to tell who calls. */
export interface Door {
  readonly database: Database
  /** Signs the tokens of operators. */
  readonly secret: string
}

/** What a caller sees. A gateway sees its group's keys; an operator all. Throws EtcdError for a stranger. */
export const scopeOf = async (door: Door, request: FastifyRequest): Promise<Scope> => {
  const token = request.headers.authorization
  if (token && (await isOperator(door.database, door.secret, token))) return wholeKeyspace
  return groupScope((await groupOf(door, request)).keyPrefix)
}

/** Lets operators pass. Gateways only read: whoever comes without a token, or without the role, may not. */
export const admitOperator = async ({ database, secret }: Door, request: FastifyRequest): Promise<void> => {
  const token = request.headers.authorization
  if (!token || !(await isOperator(database, secret, token))) throw refused.permissionDenied()
}

/** The group a gateway belongs to: its certificate's, its token's, or the default one. */
export const groupOf = async ({ database }: Door, request: FastifyRequest): Promise<Group> => {
  const certified = groupInCertificate(request)
  if (certified !== undefined) return await groupWithId(database, certified)
  const token = request.headers['control-plane-token']
  if (typeof token !== 'string' || token === '' || token === PLACEHOLDER) return await groupWithId(database, 'default')
  const [group] = await database.query<Group>(
    `SELECT gateway_groups.id, key_prefix AS "keyPrefix" FROM instance_tokens
     JOIN gateway_groups ON gateway_groups.id = gateway_group_id WHERE token_hash = $1`,
    [digest(token)],
  )
  if (group) return group
  throw new EtcdError(
    GRPC.unauthenticated,
    'Control-Plane-Token is not an instance token of any gateway group: make one in the Dashboard and give it to this gateway',
  )
}

const groupInCertificate = ({ raw: { socket } }: FastifyRequest): string | undefined => {
  if (!(socket instanceof TLSSocket)) return undefined
  const unit: string | string[] | undefined = socket.getPeerCertificate().subject?.OU
  return Array.isArray(unit) ? unit[0] : unit
}

const groupWithId = async (database: Database, id: string): Promise<Group> => {
  const [group] = await database.query<Group>(
    'SELECT id, key_prefix AS "keyPrefix" FROM gateway_groups WHERE id = $1',
    [id],
  )
  if (group) return group
  throw new EtcdError(
    GRPC.permissionDenied,
    `gateway group ${id} is not there: this gateway's certificate is for a group that was removed`,
  )
}

/** Throws EtcdError for a gateway that says it is newer than this control plane, as the vendor's since 3.9.2 does. */
export const refuseNewerGateway = ({ headers }: FastifyRequest): void => {
  const version = headers['gateway-version']
  if (typeof version !== 'string' || !isNewer(version, CONTROL_PLANE_VERSION)) return
  throw new EtcdError(
    GRPC.permissionDenied,
    `gateway version ${version.slice(0, 32)} is newer than the control plane's ${CONTROL_PLANE_VERSION}: upgrade the control plane first`,
  )
}

const isNewer = (version: string, than: string): boolean => {
  const [one, other] = [version, than].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0))
  for (const index of [0, 1, 2]) {
    const difference = (one?.[index] ?? 0) - (other?.[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}
