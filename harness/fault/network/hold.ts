// Starts the helper that holds packet rules: a container of ours in the target's network namespace, its input in our hand.
import { randomBytes } from 'node:crypto'
import { type Duplex, PassThrough } from 'node:stream'
import { FaultError } from '../../time/errors.ts'
import { docker, isGone, untilEnded } from '../../topology/docker.ts'
import type { Needs } from '../link/means.ts'
import { type Lease, openLease } from './lease.ts'

const REMOVAL_LIMIT_MS = 10_000

/** A lease, and the container that keeps it. */
export interface HeldLease extends Lease {
  /** Removes the container at once, without a lift; resolves when it is no more. Nothing happens when it is gone. Where it rejects, again tries again. */
  leave(): Promise<void>
}

/** Which helper, for whose run. */
export interface HoldPlan {
  readonly run: string
  readonly image: string
  /** Beyond what a packet rule needs. */
  readonly needs?: Needs
}

/** One privilege, in one namespace, and nothing it could write to; the engine removes it when it leaves. */
const containerOf = (target: string, { run, image, needs }: HoldPlan) => ({
  ...(needs?.Entrypoint && { Entrypoint: [...needs.Entrypoint] }),
  name: `${run}-fault-helper-${randomBytes(4).toString('hex')}`,
  Image: image,
  Labels: { 'firedrill.run': run, 'firedrill.part': 'helper', 'firedrill.holds': target },
  OpenStdin: true,
  // The engine closes its input as soon as whoever is attached has gone, whatever they died of.
  StdinOnce: true,
  HostConfig: {
    NetworkMode: `container:${target}`,
    CapDrop: ['ALL'],
    CapAdd: ['NET_ADMIN'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    PidsLimit: 32,
    AutoRemove: true,
    LogConfig: { Type: 'none', Config: {} },
    ...needs?.HostConfig,
  },
})

/** The engine mixes output and errors into one stream, in frames of its own: taken apart again. */
const separate = (stream: Duplex): PassThrough => {
  const stdout = new PassThrough()
  docker().modem.demuxStream(stream, stdout, new PassThrough().resume())
  for (const over of ['end', 'close', 'error']) stream.once(over, () => stdout.end())
  return stdout
}

const unlessGone = async (act: Promise<unknown>): Promise<void> => {
  await act.catch((error: unknown) => {
    if (!isGone(error)) throw error
  })
}

/** Starts a helper in the target's namespace. Throws FaultError when it will not start or does not say that it is ready. */
export const hold = async (target: string, plan: HoldPlan): Promise<HeldLease> => {
  const container = await docker()
    .createContainer(containerOf(target, plan))
    .catch((cause: Error) => {
      throw new FaultError(`No fault helper for ${target.slice(0, 12)}: ${cause.message}`, {
        code: 'ERR_HELPER',
        cause,
      })
    })
  let leaving: Promise<void> | undefined
  const remove = async (): Promise<void> => {
    // The engine, or somebody who cleans, may be faster, and may not be done yet.
    await unlessGone(container.remove({ force: true, v: true }))
    await unlessGone(untilEnded(container.id, AbortSignal.timeout(REMOVAL_LIMIT_MS), 'removed'))
  }
  try {
    const attached = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true }
    const stream = (await container.attach(attached)) as Duplex
    const stdout = separate(stream)
    await container.start()
    const lease = await openLease({ stdin: stream, stdout })
    const leave = (): Promise<void> => {
      lease.end()
      leaving ??= remove().catch((error: unknown) => {
        leaving = undefined
        throw error
      })
      return leaving
    }
    return { ...lease, leave }
  } catch (cause) {
    await remove()
    throw new FaultError(`The fault helper for ${target.slice(0, 12)} did not start: ${(cause as Error).message}`, {
      code: 'ERR_HELPER',
      cause,
    })
  }
}
