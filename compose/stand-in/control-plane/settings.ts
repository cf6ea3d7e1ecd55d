// What the environment tells a control-plane program, checked once at its start.

/** Where sessions live. 'memory' is a planted defect: they die with the process that made them. */
export type SessionStore = 'database' | 'memory'

/** Where the Dashboard keeps its data. In etcd, gateways read it there themselves, as those of API7 2.x do. */
export type StoreSettings =
  | { readonly kind: 'postgresql' }
  | {
      readonly kind: 'etcd'
      readonly endpoints: readonly string[]
      /** '/api7' */
      readonly prefix: string
      /** Empty where etcd asks for none. */
      readonly username: string
      readonly password: string
    }

/** One program's configuration. */
export interface Settings {
  /** The node's name, as the deployment's labels say it: 'control-plane-1'. */
  readonly nodeName: string
  readonly listenPort: number
  /** '0.0.0.0' in a container; tests keep to loopback. */
  readonly listenHost: string
  readonly store: StoreSettings
  readonly databaseUrl: string
  /** A pooled connection lives no longer: one pinned to a demoted primary is retired in the end. The vendor's is 1 h. */
  readonly databaseMaxLifetimeS: number
  /**
   * DP Manager tells gateways no version without a database, and one that finds no other is not ready. The vendor's words:
   * "at least one database node, reported by the DP Manager".
   */
  readonly readySeesDatabase: boolean
  /** How many revisions of history are kept for watches that come back late. */
  readonly keptRevisions: number
  readonly logLevel: string
  /** Signs session cookies; every Dashboard of a deployment has the same. */
  readonly sessionSecret: string
  readonly sessionStore: SessionStore
  /** Above 0 is a planted defect: writes are acknowledged so long before they are committed. */
  readonly acknowledgesEarlyMs: number
  /** Above 0 is a planted defect: a write that is not answered by then is answered as if it had been made. */
  readonly acknowledgesAfterMs: number
  /** True is a planted defect: no page says that a save came to nothing. */
  readonly hasSilentPages: boolean
  /** What the user `admin` is given when the database is made; the vendor's own is 'admin'. */
  readonly adminPassword: string
  /** 0 for any free one, in tests. */
  readonly tlsPort: number
  /** True where only TLS is served, as the vendor's Dashboard by default. */
  readonly isPlainDisabled: boolean
  /** Files with a certificate chain and its key; without them a certificate of the installation's own is issued. */
  readonly tlsCertFile: string
  readonly tlsKeyFile: string
  /** The Dashboard asks whoever signs in with the default password for another one first. */
  readonly forcesPasswordChange: boolean
  /** A licence that is there from the start; empty where a person uploads one. */
  readonly licenseText: string
  /** A token by which gateways join the default group; empty where each is made in the Dashboard. */
  readonly instanceToken: string
  /** Whose X-Forwarded-For is believed: addresses and networks. The vendor's default believes everybody. */
  readonly trustedProxies: readonly string[]
}

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']

/** Reads the environment. Throws RangeError naming the variable, what it holds and what was expected; never a secret. */
export const settingsFrom = (
  environment: NodeJS.ProcessEnv,
  defaultPort: number,
  defaultTlsPort = defaultPort === 7900 ? 7943 : 7443,
): Settings => ({
  nodeName: environment.NODE_NAME || 'control-plane-1',
  listenPort: portFrom('LISTEN_PORT', environment.LISTEN_PORT, defaultPort),
  listenHost: environment.LISTEN_HOST || '0.0.0.0',
  store: storeFrom(environment),
  databaseUrl: environment.DATABASE_URL || 'postgres://api7ee:changeme@postgresql:5432/api7ee',
  databaseMaxLifetimeS: wholeFrom('DB_MAX_LIFETIME_S', environment.DB_MAX_LIFETIME_S, 3_600),
  readySeesDatabase: oneOf('READY_SEES_DATABASE', environment.READY_SEES_DATABASE || '1', ['0', '1']) === '1',
  keptRevisions: wholeFrom('KEPT_REVISIONS', environment.KEPT_REVISIONS, 10_000),
  logLevel: oneOf('LOG_LEVEL', environment.LOG_LEVEL || 'info', LOG_LEVELS),
  sessionSecret: environment.SESSION_SECRET || 'firedrill-stand-in-session-secret',
  sessionStore: oneOf('SESSION_STORE', environment.SESSION_STORE || 'database', ['database', 'memory']),
  acknowledgesEarlyMs: environment.ACKNOWLEDGE_EARLY_MS
    ? wholeFrom('ACKNOWLEDGE_EARLY_MS', environment.ACKNOWLEDGE_EARLY_MS, 0)
    : 0,
  acknowledgesAfterMs: environment.ACKNOWLEDGE_AFTER_MS
    ? wholeFrom('ACKNOWLEDGE_AFTER_MS', environment.ACKNOWLEDGE_AFTER_MS, 0)
    : 0,
  hasSilentPages: oneOf('PAGE_WARNINGS', environment.PAGE_WARNINGS || 'all', ['all', 'none']) === 'none',
  adminPassword: environment.ADMIN_PASSWORD || 'admin',
  tlsPort: portFrom('TLS_PORT', environment.TLS_PORT, defaultTlsPort),
  isPlainDisabled: oneOf('LISTEN_DISABLE', environment.LISTEN_DISABLE || '0', ['0', '1']) === '1',
  tlsCertFile: environment.TLS_CERT_FILE || '',
  tlsKeyFile: environment.TLS_KEY_FILE || '',
  forcesPasswordChange: oneOf('FORCE_PASSWORD_CHANGE', environment.FORCE_PASSWORD_CHANGE || '1', ['0', '1']) === '1',
  licenseText: environment.LICENSE_TEXT || '',
  instanceToken: environment.INSTANCE_TOKEN || '',
  trustedProxies: (environment.TRUSTED_PROXIES || '0.0.0.0/0,::/0').split(',').map((each) => each.trim()),
})

const portFrom = (name: string, text: string | undefined, defaultPort: number): number => {
  if (!text) return defaultPort
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new RangeError(`${name} is '${text}': expected a port number from 0 to 65535. Correct it and start again.`)
}

const oneOf = <const Choice extends string>(name: string, value: string, choices: readonly Choice[]): Choice => {
  const chosen = choices.find((choice) => choice === value)
  if (chosen) return chosen
  throw new RangeError(`${name} is '${value}': expected one of ${choices.join(', ')}. Correct it and start again.`)
}

/** A whole number above 0, or its default where the variable is empty. */
const wholeFrom = (name: string, text: string | undefined, whenEmpty: number): number => {
  const number = text ? Number(text) : whenEmpty
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new RangeError(`${name} is '${text}': expected a whole number above 0. Correct it and start again.`)
}

const storeFrom = (environment: NodeJS.ProcessEnv): StoreSettings => {
  const kind = oneOf('STORE', environment.STORE || 'postgresql', ['postgresql', 'etcd'])
  if (kind === 'postgresql') return { kind }
  return {
    kind,
    endpoints: endpointsFrom(environment.ETCD_ENDPOINTS || '["http://etcd:2379"]'),
    prefix: (environment.ETCD_PREFIX || '/api7').replace(/\/+$/, ''),
    username: environment.ETCD_USERNAME || '',
    password: environment.ETCD_PASSWORD || '',
  }
}

/** A JSON array as the vendor's variables have them. An address may carry a password, so the text is not repeated. */
const endpointsFrom = (text: string): readonly string[] => {
  try {
    const endpoints: unknown = JSON.parse(text)
    if (Array.isArray(endpoints) && endpoints.length > 0) return endpoints.map((each) => new URL(String(each)).origin)
  } catch {
    // Told below, as every other text that is not what was expected.
  }
  throw new RangeError(
    'ETCD_ENDPOINTS is not a JSON array of addresses: expected \'["http://etcd-1:2379"]\'. Correct it and start again.',
  )
}
