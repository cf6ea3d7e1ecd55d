// Reads the nodes' and balancers' saved logs: calls of the balancer to one side, lines a finding may point at to the other.
import { createReadStream, existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { isBalancerCall, parseBalancerCall, splitStamp } from './balancer-log.ts'
import type { BalancerCall, LogLine } from './history.ts'

/** More than this and only lines nearest the faults are kept. */
const MAX_LOG_LINES = 200_000
/** More than this and only calls that did not go well are kept. */
const MAX_BALANCER_CALLS = 2_000_000

interface Run {
  /** The wall clock at the run's 0, ms since 1970. */
  readonly startedAtMs: number
  readonly endMs: number
  /** Around the faults; null when there were none. */
  readonly nearMs: readonly [number, number] | null
}

/** Every docker-stamped line of `folder`/*.log that falls in the run, in order of time. */
export const readLogs = async (
  folder: string,
  run: Run,
): Promise<{ readonly balancerCalls: readonly BalancerCall[]; readonly log: readonly LogLine[] }> => {
  const balancerCalls: BalancerCall[] = []
  let log: LogLine[] = []
  const names = existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.log')).sort() : []
  for (const name of names) {
    await readLog(join(folder, name), run, balancerCalls, log)
    log = nearest(log, run.nearMs)
  }
  return { balancerCalls, log: log.sort((a, b) => a.at - b.at) }
}

const readLog = async (file: string, run: Run, calls: BalancerCall[], log: LogLine[]): Promise<void> => {
  const shown = `logs/${basename(file)}`
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1
    if (isBalancerCall(text)) keepCall(parseBalancerCall(text, run.startedAtMs), calls)
    else keepLine(text, shown, line, run, log)
  }
}

const keepCall = (call: BalancerCall | null, calls: BalancerCall[]): void => {
  if (call === null) return
  const wentWell = /^-+$/.test(call.termination) && call.retries === 0 && call.status > 0 && call.status < 500
  if (calls.length < MAX_BALANCER_CALLS || !wentWell) calls.push(call)
}

const keepLine = (text: string, file: string, line: number, run: Run, log: LogLine[]): void => {
  const stamped = splitStamp(text)
  if (!stamped) return
  const at = stamped.wallMs - run.startedAtMs
  if (at >= 0 && at <= run.endMs) log.push({ file, line, at, text: stamped.text })
}

const nearest = (log: LogLine[], near: Run['nearMs']): LogLine[] => {
  if (log.length <= MAX_LOG_LINES) return log
  const [from, to] = near ?? [0, 0]
  const distance = ({ at }: LogLine): number => Math.max(0, from - at, at - to)
  return log.sort((a, b) => distance(a) - distance(b) || a.at - b.at).slice(0, MAX_LOG_LINES)
}
