// What both programs do around their server: say what they are, listen at once, get ready, and stop when told.
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import { type Database, type DatabaseOptions, openDatabase } from './database.ts'
import type { Settings } from './settings.ts'

/** A program that listens. */
export interface Running {
  /** 'http://127.0.0.1:7080' */
  readonly url: string
  /** Resolves when the schema is there and requests are answered. Rejects only when the program was closed before. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/** What a program is made of, given its database: its server, and the work that makes it ready. */
export interface Parts {
  readonly server: FastifyInstance
  /** Called again after a pause until it succeeds: PostgreSQL may be away at start. */
  prepare(): Promise<void>
  close?(): Promise<void>
}

const RETRY_MS = 250

/** Starts a program. It listens before PostgreSQL answers, so that health checks get a 503 rather than a refusal. */
export const startProgram = async (
  name: string,
  settings: Settings,
  build: (database: Database, log: Logger) => Parts,
  options: DatabaseOptions = {},
): Promise<Running> => {
  const log = pino({ level: settings.logLevel, base: { node: settings.nodeName, program: name } })
  const { databaseUrl, databaseMaxLifetimeS: maxLifetimeS } = settings
  const database = openDatabase(databaseUrl, (message) => log.warn(message), { maxLifetimeS, ...options })
  const parts = build(database, log)
  const closing = new AbortController()
  const url = settings.isPlainDisabled ? await notListening(parts.server) : await listening(parts.server, settings)
  if (url) log.info({ url }, 'listening')
  const ready = prepared(parts, closing.signal, log)
  ready.catch(() => undefined)
  const end = async (): Promise<void> => {
    closing.abort()
    await parts.server.close()
    await parts.close?.()
    await database.close()
  }
  let ended: Promise<void> | undefined
  return {
    url,
    ready,
    close() {
      ended ??= end()
      return ended
    },
  }
}

const listening = (server: FastifyInstance, { listenHost, listenPort }: Settings): Promise<string> =>
  server.listen({ host: listenHost, port: listenPort })

/** Routes are made ready all the same: the TLS listener uses them. */
const notListening = async (server: FastifyInstance): Promise<string> => {
  await server.ready()
  return ''
}

const prepared = async (parts: Parts, closing: AbortSignal, log: Logger): Promise<void> => {
  let said = ''
  while (!closing.aborted) {
    try {
      await parts.prepare()
      log.info('ready')
      return
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (why !== said) log.warn({ why }, 'not ready yet')
      said = why
      await pause(RETRY_MS, closing)
    }
  }
  throw new Error('The program was closed before it became ready.')
}

/** Waits, or stops waiting when the signal comes. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })

/** An entry file's whole life: start, then stop on SIGTERM or SIGQUIT. Ends the process within two seconds of either. */
export const runUntilToldToStop = async (start: () => Promise<Running>): Promise<void> => {
  // As process 1 of a container an unhandled signal is ignored, so they are handled before anything can wait.
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGINT'] as const) process.on(signal, () => resolve())
  })
  const running = await start()
  await told
  setTimeout(() => process.exit(0), 1_900).unref()
  await running.close()
  process.exit(0)
}
