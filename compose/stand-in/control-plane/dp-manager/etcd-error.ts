// Errors in etcd's own words, with the gRPC code its gateway puts in the body and the HTTP status it makes of it.

/** gRPC's codes, as far as they occur. */
export const GRPC = {
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  failedPrecondition: 9,
  outOfRange: 11,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

const HTTP: Readonly<Record<number, number>> = {
  [GRPC.invalidArgument]: 400,
  [GRPC.notFound]: 404,
  [GRPC.permissionDenied]: 403,
  [GRPC.failedPrecondition]: 412,
  [GRPC.outOfRange]: 400,
  [GRPC.unavailable]: 503,
  [GRPC.unauthenticated]: 401,
}

/** A call that is refused as etcd refuses it. */
export class EtcdError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.name = 'EtcdError'
    this.code = code
  }
}

/** The HTTP status of a gRPC code. */
export const httpStatusOf = (code: number): number => HTTP[code] ?? 500

/** The body of a refused call. */
export const errorAnswer = (code: number, message: string): object => ({ error: message, message, code })

const refusal = (code: number, words: string) => (): EtcdError => new EtcdError(code, `etcdserver: ${words}`)

/** What etcd 3.4 says, letter by letter: clients compare these texts. */
export const refused = {
  emptyKey: refusal(GRPC.invalidArgument, 'key is not provided'),
  keyNotFound: refusal(GRPC.invalidArgument, 'key not found'),
  valueProvided: refusal(GRPC.invalidArgument, 'value is provided'),
  leaseProvided: refusal(GRPC.invalidArgument, 'lease is provided'),
  duplicateKey: refusal(GRPC.invalidArgument, 'duplicate key given in txn request'),
  tooManyOps: refusal(GRPC.invalidArgument, 'too many operations in txn request'),
  compacted: refusal(GRPC.outOfRange, 'mvcc: required revision has been compacted'),
  futureRevision: refusal(GRPC.outOfRange, 'mvcc: required revision is a future revision'),
  leaseNotFound: refusal(GRPC.notFound, 'requested lease not found'),
  leaseExists: refusal(GRPC.failedPrecondition, 'lease already exists'),
  leaseTtlTooLarge: refusal(GRPC.outOfRange, 'too large lease TTL'),
  wrongPassword: refusal(GRPC.invalidArgument, 'authentication failed, invalid user ID or password'),
  invalidToken: refusal(GRPC.unauthenticated, 'invalid auth token'),
  permissionDenied: refusal(GRPC.permissionDenied, 'permission denied'),
} as const
