// The programs of the bench: each on the processor it is given, known by its port, ended with the bench.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface Program {
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly processor: number
  readonly port: number
}

const startLimitMs = 10_000
const lookMs = 20

/** Resolves when the program takes connections on its port. */
export async function startProgram({ command, environment, processor, port }: Program): Promise<ChildProcess> {
  const env = { ...process.env, ...environment }
  const child = spawn('taskset', ['-c', String(processor), ...command], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const limit = performance.now() + startLimitMs
  while (!(await takesConnections(port))) {
    if (child.exitCode !== null)
      throw new Error(`${command[0]} exited with ${child.exitCode} before it listened on ${port}`)
    if (performance.now() > limit) throw new Error(`${command[0]} did not listen on ${port} within ${startLimitMs} ms`)
    await wait(lookMs)
  }
  return child
}

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100

/** Processor time a program has used, user and system together: what it costs, however busy the machine is. */
export function processorSeconds({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th fields after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** What a program that ends by itself writes. */
export async function outputOf(command: readonly [string, ...string[]], processor: number): Promise<string> {
  const child = spawn('taskset', ['-c', String(processor), ...command], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command[0]} exited with ${code}, expected 0`)
  return text
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
