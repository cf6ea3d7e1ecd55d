// A program run inside a container, by the engine: as the container's own user, and with no more rights than it has.
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { FaultError } from '../time/errors.ts'
import { docker, isGone } from '../topology/docker.ts'
import type { Executed } from './runtime.ts'

const LIMIT_MS = 20_000
/** The engine may learn of the end a little later than its stream ends. */
const NEXT_LOOK_MS = 5

/** Resolves once it ended, also where it never began. Rejects with FaultError after 20 s, or with the engine's own error. */
export const execute = async (container: string, command: readonly string[]): Promise<Executed> => {
  try {
    return await ended(container, command)
  } catch (error) {
    if (isGone(error)) return { exitCode: null, output: `the container does not run: ${(error as Error).message}` }
    throw error
  }
}

const ended = async (container: string, command: readonly string[]): Promise<Executed> => {
  const exec = await docker()
    .getContainer(container)
    .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true })
  const stream = await exec.start({ hijack: true })
  const limit = AbortSignal.timeout(LIMIT_MS)
  const late = (): FaultError =>
    new FaultError(`${command[0]} in ${container.slice(0, 12)} did not end within ${LIMIT_MS / 1000} s.`, {
      code: 'ERR_EXECUTE',
    })
  const output = new PassThrough()
  const chunks: Buffer[] = []
  output.on('data', (chunk: Buffer) => chunks.push(chunk))
  docker().modem.demuxStream(stream, output, output)
  await once(stream, 'end', { signal: limit }).catch((error: unknown) => {
    stream.destroy()
    throw limit.aborted ? late() : error
  })
  for (;;) {
    const { Running, ExitCode } = await exec.inspect()
    if (!Running && ExitCode !== null) return { exitCode: ExitCode, output: Buffer.concat(chunks).toString() }
    if (limit.aborted) throw late()
    await pause(NEXT_LOOK_MS)
  }
}
