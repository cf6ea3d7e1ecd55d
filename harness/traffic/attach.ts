// Holds a container's standard streams through the engine.
import { type Duplex, PassThrough } from 'node:stream'
import { docker } from '../topology/docker.ts'
import type { CallerStreams } from './caller-link.ts'

/** One stream both ways, before the container's first instruction. */
export const attachTo = async (id: string): Promise<Duplex> => {
  const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true }
  return (await docker().getContainer(id).attach(options)) as Duplex
}

/** The engine mixes output and errors into one stream, in frames of its own: taken apart again. */
export const separate = (stream: Duplex): CallerStreams => {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  docker().modem.demuxStream(stream, stdout, stderr)
  const end = (): void => {
    stdout.end()
    stderr.end()
  }
  stream.once('end', end)
  stream.once('close', end)
  stream.once('error', end)
  return { stdin: stream, stdout, stderr }
}
