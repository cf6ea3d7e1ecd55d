// What the load is put on: nginx where it is installed, else a small server of our own; on a processor of its own, and counting.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { EnvironmentError } from '../time/errors.ts'

export interface LoadServer {
  readonly name: string
  readonly url: string
  /** The calls that it has taken so far, this question not among them. */
  count(): Promise<number>
  stop(): Promise<void>
}

interface Served {
  readonly name: string
  readonly command: readonly string[]
  /** Its answer to GET /count, as a number of requests. */
  readonly counted: (text: string) => number
  /** Whether that number has the questions in it. */
  readonly countsQuestions: boolean
}

const START_LIMIT_MS = 5000
const LOOK_MS = 20

/** On the processors that taskset would name so: '1', or '0,1'. Resolves when it answers. */
export const startLoadServer = async (processors: string): Promise<LoadServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-load-server-'))
  const port = await freePort()
  const nginx = await findProgram('nginx')
  const served = nginx ? await nginxOn(nginx, folder, port) : own(port)
  const child = spawn('taskset', ['-c', processors, ...served.command], { stdio: ['ignore', 'ignore', 'inherit'] })
  const url = `http://127.0.0.1:${port}/`
  let questions = 0
  const ask = async (): Promise<number> => {
    const text = await (await fetch(`${url}count`)).text()
    questions += 1
    return served.counted(text) - (served.countsQuestions ? questions : 0)
  }
  const stop = async (): Promise<void> => {
    await ended(child)
    await rm(folder, { recursive: true })
  }
  try {
    await answers(ask, child)
  } catch (error) {
    await stop()
    throw error
  }
  return { name: served.name, url, count: ask, stop }
}

/** Where a program lies; null where it is not installed. Debian keeps some where only root's PATH leads. */
export const findProgram = async (name: string): Promise<string | null> => {
  const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`
  const found = await promisify(execFile)('sh', ['-c', `command -v ${name}`], { env: { ...process.env, PATH } }).catch(
    () => null,
  )
  return found?.stdout.trim() || null
}

const nginxOn = async (program: string, folder: string, port: number): Promise<Served> => {
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configuration(folder, port))
  return {
    name: 'nginx',
    command: [program, '-p', folder, '-e', 'stderr', '-c', file],
    counted: (text) => Number(/^ \d+ \d+ (\d+)/m.exec(text)?.[1]),
    countsQuestions: true,
  }
}

const configuration = (folder: string, port: number): string => `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr crit;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    add_header x-firedrill-node data-plane-1;
    location = /count { stub_status; }
    location / { return 200 '{"requestId":"$http_x_request_id"}'; }
  }
}
`

const own = (port: number): Served => ({
  name: 'a server of our own',
  command: [process.execPath, join(import.meta.dirname, 'echo-server.ts'), String(port)],
  counted: Number,
  countsQuestions: false,
})

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('A server on TCP has no port.')
  return address.port
}

const answers = async (ask: () => Promise<number>, child: ChildProcess): Promise<void> => {
  for (const limit = performance.now() + START_LIMIT_MS; performance.now() < limit; await pause(LOOK_MS)) {
    if (child.exitCode !== null) break
    if ((await ask().catch(() => null)) !== null) return
  }
  throw new EnvironmentError(
    `The server of the bench did not answer within ${START_LIMIT_MS} ms${child.exitCode === null ? '' : `: it exited with ${child.exitCode}`}.`,
    { code: 'ERR_LOAD_SERVER' },
  )
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}
