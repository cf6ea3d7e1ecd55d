// What the environment tells a control-plane program, checked once at its start.

/** Where sessions live. 'memory' is a planted defect: they die with the process that made them. */
export type SessionStore = 'database' | 'memory'

/** One program's configuration. */
export interface Settings {
  /** The node's name, as the deployment's labels say it: 'control-plane-1'. */
  readonly nodeName: string
  readonly listenPort: number
  /** '0.0.0.0' in a container; tests keep to loopback. */
  readonly listenHost: string
  readonly databaseUrl: string
  readonly logLevel: string
  /** Signs session cookies; every Dashboard of a deployment has the same. */
  readonly sessionSecret: string
  readonly sessionStore: SessionStore
  /** What the user `admin` is given when the database is made; the vendor's own is 'admin'. */
  readonly adminPassword: string
}

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']

/** Reads the environment. Throws RangeError naming the variable, what it holds and what was expected; never a secret. */
export const settingsFrom = (environment: NodeJS.ProcessEnv, defaultPort: number): Settings => ({
  nodeName: environment.NODE_NAME || 'control-plane-1',
  listenPort: portFrom(environment.LISTEN_PORT, defaultPort),
  listenHost: environment.LISTEN_HOST || '0.0.0.0',
  databaseUrl: environment.DATABASE_URL || 'postgres://api7ee:changeme@postgresql:5432/api7ee',
  logLevel: oneOf('LOG_LEVEL', environment.LOG_LEVEL || 'info', LOG_LEVELS),
  sessionSecret: environment.SESSION_SECRET || 'firedrill-stand-in-session-secret',
  sessionStore: oneOf('SESSION_STORE', environment.SESSION_STORE || 'database', ['database', 'memory']),
  adminPassword: environment.ADMIN_PASSWORD || 'admin',
})

const portFrom = (text: string | undefined, defaultPort: number): number => {
  if (!text) return defaultPort
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new RangeError(`LISTEN_PORT is '${text}': expected a port number from 0 to 65535. Correct it and start again.`)
}

const oneOf = <const Choice extends string>(name: string, value: string, choices: readonly Choice[]): Choice => {
  const chosen = choices.find((choice) => choice === value)
  if (chosen) return chosen
  throw new RangeError(`${name} is '${value}': expected one of ${choices.join(', ')}. Correct it and start again.`)
}
