// Starts gateways for tests: in this process with quick timings, or as a process of its own for the signals.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { type Gateway, startGateway } from './gateway.ts'
import type { Log } from './log.ts'
import { readSettings } from './settings.ts'

export type Environment = Readonly<Record<string, string>>

/** Timings a hundred times quicker than the vendor's, and ports the system picks. */
const quick: Environment = {
  NODE_NAME: 'data-plane-1',
  BIND_ADDRESS: '127.0.0.1',
  TRAFFIC_PORT: '0',
  STATUS_PORT: '0',
  CONTROL_PORT: '0',
  TLS_PORT: 'off',
  METRICS_PORT: 'off',
  WATCH_TIMEOUT_MS: '5000',
  HEARTBEAT_INTERVAL_MS: '100',
  BACKOFF_BASE_MS: '20',
  BACKOFF_MAX_MS: '80',
  RESYNC_DELAY_MS: '20',
  HEALTH_FAIL_WINDOW_MS: '60',
}

export interface GatewayUnderTest extends Gateway {
  readonly log: readonly LogLine[]
  /** A call to the traffic port. */
  call(path: string, init?: RequestInit): Promise<Response>
  status(path: string): Promise<Response>
  control(path: string): Promise<Response>
}

export interface LogLine {
  readonly msg: string
  readonly [field: string]: unknown
}

export function environmentFor(endpoints: readonly string[], environment: Environment = {}): Environment {
  const certificates = join(tmpdir(), `firedrill-certificates-${randomUUID()}`)
  const own = { API7_DP_MANAGER_ENDPOINTS: JSON.stringify(endpoints), CERTIFICATE_FOLDER: certificates }
  return { ...quick, ...own, ...environment }
}

export async function gatewayUnderTest(
  endpoints: readonly string[],
  environment: Environment = {},
): Promise<GatewayUnderTest> {
  const lines: LogLine[] = []
  const gateway = await startGateway(readSettings(environmentFor(endpoints, environment)), logInto(lines))
  return { ...gateway, log: lines, ...callsTo(gateway.ports) }
}

/** A log whose lines a test can read. */
export function logInto(lines: LogLine[]): Log {
  return pino({ level: 'debug' }, { write: (text: string) => void lines.push(JSON.parse(text)) })
}

export interface GatewayProcess extends Pick<GatewayUnderTest, 'call' | 'status' | 'control' | 'log'> {
  readonly ports: Gateway['ports']
  readonly child: ChildProcessByStdio<null, Readable, null>
  /** The exit code, once it has one. */
  readonly exit: Promise<number | null>
}

/** Starts main.ts and resolves when it serves, or when it has exited; then its ports are 0. */
export async function gatewayProcess(
  endpoints: readonly string[],
  environment: Environment = {},
): Promise<GatewayProcess> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const env = environmentFor(endpoints, environment)
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const output = createInterface(child.stdout)
  // The exit counts when its last line has been read too.
  const exit = Promise.all([once(child, 'exit'), once(output, 'close')]).then(([[code]]) => code as number | null)
  const log: LogLine[] = []
  const serves = new Promise<Gateway['ports']>((resolve) => {
    output.on('line', (text) => {
      const line = JSON.parse(text) as LogLine
      log.push(line)
      if (line.msg === 'gateway serves') resolve(line.ports as Gateway['ports'])
    })
  })
  const ports = await Promise.race([serves, exit.then(() => ({ traffic: 0, status: 0, control: 0 }))])
  return { ports, child, exit, log, ...callsTo(ports) }
}

function callsTo(ports: Gateway['ports']): Pick<GatewayUnderTest, 'call' | 'status' | 'control'> {
  return {
    call: (path, init) => fetch(`http://127.0.0.1:${ports.traffic}${path}`, init),
    status: (path) => fetch(`http://127.0.0.1:${ports.status}${path}`),
    control: (path) => fetch(`http://127.0.0.1:${ports.control}${path}`),
  }
}

/** The status of an answer whose body has been read, so that its connection is free again. */
export async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer
  await response.arrayBuffer()
  return response.status
}

/** A port where nobody listens. */
export async function deadPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
