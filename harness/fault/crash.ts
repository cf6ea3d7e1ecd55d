// crash: the program ends by a signal from inside, which the engine takes for its own failure: a restart policy fires.
import type { Evidence } from '../history/event.ts'
import { FaultError, ScenarioError } from '../time/errors.ts'
import type { Container, Node } from '../topology/topology.ts'
import { masterIn } from './haproxy-master.ts'
import type { Kind } from './kind.ts'
import {
  attestBack,
  attestGone,
  attestStill,
  engineSaid,
  type ProcessWorld,
  STAMP_SLACK_MS,
  startEach,
  undoEach,
} from './process.ts'
import { each } from './resource.ts'
import { ATTEST_LIMIT_MS, TRY_MS } from './sighting.ts'

/** With an init as process 1 the program is its child, and takes any signal; so does the worker of a master, which ends by its end. */
const END_CHILDREN = `for each in /proc/[0-9]*; do
  while read -r key value; do
    if [ "$key" = PPid: ] && [ "$value" = 1 ]; then kill -SEGV "\${each#/proc/}"; fi
  done < "$each/status"
done 2>/dev/null; true`

/**
 * The kernel lets no signal from inside reach process 1. Its own signals do: SIGKILL at the limit of processor time, which
 * is reached at the next tick that finds the program at work. So it is given work at once, by connections that come and go.
 */
const endProcess1 = ({ address, ports }: Container): readonly string[] => {
  const [port] = Object.values(ports)
  const connect = `for try in {1..20000}; do : <>/dev/tcp/${address}/${port?.inside}; done`
  const work = port ? `if command -v bash >/dev/null; then bash -c '${connect}'; fi 2>/dev/null` : ':'
  return ['sh', '-c', `prlimit --pid 1 --cpu=0:0 || exit 1; ${work}; true`]
}
const MAY_END_PROCESS_1 = ['prlimit', '--pid', '1', '--cpu']
const IS_DOOMED = ['prlimit', '--pid', '1', '--cpu', '--output', 'HARD', '--noheadings', '--raw']

/** What the exit of a program comes to that took its own container's shell along. */
const ENDED_TOO = 137

/** The containers of a node that the engine starts again by itself: those need not stay away. */
type Restarted = ReadonlySet<string>

export const crash = (world: ProcessWorld): Kind => {
  const { runtime, clock } = world
  const restarted = new Set<string>()
  const crashedAt = new Map<string, number>()

  /** Process 1 itself has the work where it is neither an init nor a master. */
  const hasChildren = async ({ id }: Container): Promise<boolean> =>
    (await runtime.settings(id)).hasInit || (await masterIn(runtime, id)) !== null

  const check = async (container: Container): Promise<void> => {
    const isByChildren = await hasChildren(container)
    if ((await runtime.settings(container.id)).isRestarted) restarted.add(container.id)
    const { exitCode } = await runtime.execute(container.id, isByChildren ? ['sh', '-c', 'true'] : MAY_END_PROCESS_1)
    if (exitCode === 0) return
    throw new ScenarioError(
      isByChildren
        ? `crash of ${container.name}: nothing inside can send a signal, since there is no shell. Use kill.`
        : `crash of ${container.name}: its program is process 1, which no signal from inside reaches, and prlimit is not there or may not end it. Set 'init: true' for it in its Compose file, or use kill.`,
      { code: 'ERR_CRASH' },
    )
  }

  /** Whoever looks may look at another one: an idle program is put to work here, or it would end when nobody expects it. */
  const worked = async (container: Container, restarts: number): Promise<void> => {
    const [port] = Object.values(container.ports)
    const until = clock.now() + ATTEST_LIMIT_MS
    for (;;) {
      const now = await runtime.state(container.id)
      if (!now.running || now.restarts > restarts) return
      if (clock.now() > until) {
        // Left as it is, it would end at the first call long after the heal.
        await runtime.kill(container.id)
        throw new FaultError(
          `${container.name} was given no more processor time and lived on: nothing put it to work, so it was killed. Set 'init: true' for it in its Compose file, or use kill.`,
          { code: 'ERR_CRASH' },
        )
      }
      if (port) await world.probe(container.address, port.inside, TRY_MS)
    }
  }

  const inject = async (container: Container): Promise<void> => {
    const [isByChildren, { restarts }] = await Promise.all([hasChildren(container), runtime.state(container.id)])
    const { exitCode, output } = await runtime.execute(
      container.id,
      isByChildren ? ['sh', '-c', END_CHILDREN] : endProcess1(container),
    )
    if (exitCode !== 0 && exitCode !== ENDED_TOO && exitCode !== null)
      throw new FaultError(`${container.name} could not be crashed from inside: ${output.trim()}`, {
        code: 'ERR_CRASH',
      })
    if (!isByChildren) await worked(container, restarts)
  }

  /** A limit of processor time cannot be raised again: whoever lives on under it would end after the heal. */
  const endDoomed = async ({ id }: Container): Promise<void> => {
    const { exitCode, output } = await runtime.execute(id, IS_DOOMED)
    if (exitCode === 0 && output.trim() === '0') await runtime.kill(id)
  }

  return {
    kind: 'crash',
    check: (node) => each(node, check),
    undo: (node) => undoEach(node, 'start'),
    inject: (node) => each(node, inject),
    attest: async (node, injected) => {
      const since = clock.now()
      crashedAt.set(node.name, since)
      return attestGone(world, node, injected, {
        graceful: false,
        others: (container) => [
          notAsked(world, container, since),
          ...(restarted.has(container.id) ? [engineSaid(world, container, 'start', since)] : []),
        ],
        stays: (container) => !restarted.has(container.id),
      })
    },
    attestHeld: async (node, since) => [
      ...(await attestStill(world, staying(node, restarted), since, { state: 'gone', undoneBy: 'start' })),
      ...(await Promise.all(
        node.containers.filter(({ id }) => restarted.has(id)).map((container) => cameBack(world, container)),
      )),
    ],
    heal: async (node) => {
      await each(node, endDoomed)
      await startEach(world, node)
    },
    attestClear: (node, healed) => attestBack(world, node, healed, crashedAt.get(node.name) ?? clock.now()),
  }
}

const staying = (node: Node, restarted: Restarted): Node => ({
  ...node,
  containers: node.containers.filter(({ id }) => !restarted.has(id)),
})

/** A container that was told to end from outside has not crashed, and its restart policy does not fire. */
const notAsked = async (world: ProcessWorld, container: Container, since: number): Promise<Evidence | null> => {
  const ended = await world.engine.saw(
    container.id,
    'die',
    since - STAMP_SLACK_MS,
    world.attestLimitMs ?? ATTEST_LIMIT_MS,
  )
  if (!ended) return null
  const event = await world.engine.saw(container.id, 'kill', since - STAMP_SLACK_MS, 0)
  return {
    source: 'engine event',
    said: event
      ? `'kill' of ${container.name}: it was ended from outside, and did not crash`
      : `${container.name} ended and nobody had asked the engine for it`,
    confirms: event === null,
    // A word on the whole of it, and not "not yet", whenever it was asked to end.
    at: world.clock.now(),
    container: container.name,
  }
}

/** A crash of a container that is started again by itself is an instant: there is nothing to hold. */
const cameBack = async ({ runtime, clock }: ProcessWorld, { id, name }: Container): Promise<Evidence> => {
  const { running, restarts } = await runtime.state(id)
  return {
    source: 'container state',
    said: `${name} was started again ${restarts} times by its restart policy, and is ${running ? 'running' : 'not running'}`,
    confirms: restarts > 0,
    at: clock.now(),
    container: name,
  }
}
