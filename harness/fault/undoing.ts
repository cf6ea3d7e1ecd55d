// Carries out what a fault's note says, by somebody who knows nothing else of it: each step again and again does no harm.
import { clockSince } from '../time/clock.ts'
import { within } from '../time/turns.ts'
import { docker, isAlready, isGone } from '../topology/docker.ts'
import { lookOnceAt, setServer } from '../topology/haproxy.ts'
import { isEnding } from './ending.ts'
import { execute } from './execute.ts'
import { isForgottenTask, madeAnew, startMadeFor } from './forgotten-task.ts'
import { putBack } from './kept-files.ts'
import { networkOver } from './network/docker.ts'
import { hasItsAddresses } from './own-addresses.ts'
import { dockerReplacements } from './replacement/docker.ts'
import type { Undo } from './undo.ts'

const LABEL = 'firedrill.run'

const STEP_LIMIT_MS = 20_000

/**
 * Undoes the steps, last first, each within `limitMs`. Resolves with what would not be undone; a container that is gone, or not
 * ours, needs nothing, unless another was made for it.
 */
export const undo = async (steps: readonly Undo[], limitMs = STEP_LIMIT_MS): Promise<readonly string[]> => {
  const failed: string[] = []
  for (const step of steps.toReversed()) {
    // An engine that hangs keeps one step, and not those after it.
    const late = (): Error => new Error(`not done within ${limitMs / 1000} s`)
    await within(undoOne(step), limitMs, late).catch((error: Error) => failed.push(`${step.act}: ${error.message}`))
  }
  return failed
}

const undoOne = async (step: Undo): Promise<void> => {
  if (step.act === 'trust') return trust(step)
  // Made anew it has another id, and no note of its own.
  if (!(await isOurs(step.container))) return step.act === 'start' ? startMadeFor(step.container) : undefined
  const container = docker().getContainer(step.container)
  switch (step.act) {
    case 'start':
      // Where it is about to end, a start now would find it running, and nobody would start it afterwards.
      if (await isEnding(step.container)) await container.wait()
      await started(step.container)
      if (!(await isReachable(step.container))) await unlessDone(container.restart())
      return
    case 'reinstate':
      return dockerReplacements.reinstate(step)
    case 'unpause':
      if ((await container.inspect()).State.Paused) await unlessDone(container.unpause())
      return
    case 'lift':
      await nobodyProbes(step.run).network.lift(step.container)
      return
    case 'limits':
      return unlessDone(container.update(step.limits))
    case 'delete':
      return ran(step.container, ['rm', '-f', step.path])
    case 'put-back':
      return ran(step.container, putBack(step.paths))
  }
}

/** Where it does not run there is nothing to do: the file went with its mount, or is written anew at its next start. */
const ran = async (id: string, command: readonly string[]): Promise<void> => {
  const { exitCode, output } = await execute(id, command)
  if (exitCode === 0 || (exitCode === null && !(await isRunning(id)))) return
  throw new Error(`${command[0]} ended with ${exitCode ?? 'nothing'}: ${output.trim()}`)
}

/** Also where it is paused: nothing runs in it then, and what it holds is there still. */
const isRunning = async (id: string): Promise<boolean> => {
  try {
    return (await docker().getContainer(id).inspect()).State.Running
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

const started = (id: string): Promise<void> =>
  unlessDone(docker().getContainer(id).start()).catch(async (error: unknown) => {
    if (!isForgottenTask(error)) throw error
    await madeAnew(id)
  })

/** Also where it is gone: then there is nobody to start anew. */
const isReachable = async (id: string): Promise<boolean> => {
  try {
    return hasItsAddresses(await docker().getContainer(id).inspect())
  } catch (error) {
    if (isGone(error)) return true
    throw error
  }
}

const isOurs = async (id: string): Promise<boolean> => {
  try {
    const { Config } = await docker().getContainer(id).inspect()
    return Config.Labels[LABEL] !== undefined
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

const unlessDone = async (act: Promise<unknown>): Promise<void> => {
  await act.catch((error: unknown) => {
    if (!isGone(error) && !isAlready(error)) throw error
  })
}

/** Lifting asks nobody outside. */
const nobodyProbes = (run: string) => {
  const clock = clockSince()
  return networkOver({
    run,
    clock,
    probe: async () => ({ outcome: 'unreachable', from: clock.now(), to: clock.now() }),
  })
}

const trust = async ({ container, port, node }: Extract<Undo, { act: 'trust' }>): Promise<void> => {
  if (!(await publishes(port, container))) return
  const balancer = { name: `127.0.0.1:${port}`, port }
  const servers = await lookOnceAt(balancer)
  await Promise.all(
    servers.filter((server) => server.node === node).map((server) => setServer(balancer, server, 'ready')),
  )
}

/**
 * Whether this container is ours, runs, and has the port: ports are the same in every deployment, and a balancer that ended has
 * forgotten what it was told. Where nobody knows which, any container of ours may be it.
 */
const publishes = async (port: number, container?: string): Promise<boolean> => {
  const running = await docker().listContainers({ filters: { label: [LABEL] } })
  return running.some(
    ({ Id, Ports }) =>
      (container === undefined || Id === container) && Ports.some(({ PublicPort }) => PublicPort === port),
  )
}
