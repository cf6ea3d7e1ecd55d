// The gateway's log: one JSON object a line on standard output, and never a token.
import { type Logger, pino } from 'pino'

export type Log = Logger

/** A log whose lines name the node. LOG_LEVEL is pino's; the default is info. */
export function openLog({ nodeName, level }: { readonly nodeName: string; readonly level: string | undefined }): Log {
  const options = { level: level ?? 'info', base: { node: nodeName }, timestamp: pino.stdTimeFunctions.isoTime }
  // Written at once: a process that is about to exit must not lose or reorder its last lines, and there are few of them.
  return pino(options, pino.destination({ dest: 1, sync: true }))
}

/** What a caught value says about itself, in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? ` (${String(error.code)})` : ''
  return `${error.message || error.name}${code}`
}
