// The generators that are compared: how each is told to call one address as fast as it can, and where to get it.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { CALLERS, type LoadPlan } from './load-bench.ts'
import { findProgram } from './load-server.ts'

export interface LoadTool {
  readonly name: string
  /** It would go on for `seconds`. */
  command(url: string, seconds: number): readonly string[]
}

/** As many calls at once for each of those that are closed loops. */
const CONNECTIONS = 32

interface Installable extends LoadTool {
  /** How to get it where it is missing. */
  readonly from: string
}

const others: readonly Installable[] = [
  {
    name: 'wrk',
    from: 'the Debian package wrk',
    command: (url, seconds) => ['wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, url],
  },
  {
    name: 'hey',
    from: 'the Debian package hey',
    command: (url, seconds) => ['hey', '-z', `${seconds}s`, '-c', `${CONNECTIONS}`, url],
  },
  {
    name: 'vegeta',
    from: '`go install github.com/tsenart/vegeta/v12@latest`',
    command: (url, seconds) =>
      shell(
        `echo GET ${url} | vegeta attack -rate=0 -max-workers=${CONNECTIONS} -duration=${seconds}s -output=/dev/null`,
      ),
  },
  {
    name: 'oha',
    from: '`cargo install oha`',
    command: (url, seconds) => ['oha', '--no-tui', '-z', `${seconds}s`, '-c', `${CONNECTIONS}`, url],
  },
  {
    name: 'k6',
    from: '`go install go.k6.io/k6@latest`',
    command: (url, seconds) =>
      shell(
        `echo "import http from 'k6/http'; export default () => { http.get('${url}') }" | k6 run --quiet --vus ${CONNECTIONS} --duration ${seconds}s -`,
      ),
  },
]

const shell = (line: string): readonly string[] => ['sh', '-c', line]

const autocannon: LoadTool = {
  name: 'autocannon',
  command: (url, seconds) => [
    process.execPath,
    createRequire(import.meta.url).resolve('autocannon'),
    ...['-c', `${CONNECTIONS}`, '-d', `${seconds}`, url],
  ],
}

/** The callers' own program, with the harness's side of its streams: every call is in a file before it is counted here. */
export const callOnce = (plan: LoadPlan): readonly string[] => [
  process.execPath,
  join(import.meta.dirname, 'load-once.ts'),
  JSON.stringify(plan),
]

/** Our callers are an open loop: as fast as they can is a rate at which nothing is left unsent. */
export const callersAt = (rate: number): LoadTool => ({
  name: CALLERS,
  command: (url, seconds) => callOnce({ url, programs: 1, seconds, lanes: [{ connections: 'kept-alive', rate }] }),
})

/** The library that our callers call through, without them. */
export const undiciAt = (rate: number): LoadTool => ({
  name: `undici alone, ${rate.toLocaleString('en-US')}/s`,
  command: (url, seconds) => [
    process.execPath,
    join(import.meta.dirname, 'undici-alone.ts'),
    ...[url, rate, seconds].map(String),
  ],
})

/** Those that this machine has, and a sentence on each that it has not. */
export const toolsHere = async (): Promise<{ tools: readonly LoadTool[]; missing: readonly string[] }> => {
  const found = await Promise.all(others.map(async (tool) => ({ tool, path: await findProgram(tool.name) })))
  return {
    tools: [...found.flatMap(({ tool, path }) => (path ? [tool] : [])), autocannon],
    missing: found.flatMap(({ tool, path }) => (path ? [] : [`${tool.name} is not installed: ${tool.from} has it.`])),
  }
}
