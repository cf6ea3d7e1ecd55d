// disk: a file of ours takes whatever was free where the node writes; healed by deleting it.
import type { Evidence } from '../history/event.ts'
import { ScenarioError } from '../time/errors.ts'
import type { Container } from '../topology/topology.ts'
import { neededBytes, readControlGroup } from './control-group.ts'
import type { Kind } from './kind.ts'
import { type ProcessWorld, undoEach } from './process.ts'
import { attestInside, each } from './resource.ts'

export interface DiskOptions {
  /** The directory inside that fills up: a mount of its own. May be left out where each container has one only. */
  readonly path?: string
}

const MOST_KIB = 2 * 2 ** 20
const ADVICE = 'Give it a tmpfs with a size where it writes, in its Compose file.'
const FILL = '.firedrill-full'
const TRY = '.firedrill-try'

// The path is an argument, and never part of the program.
const shell = (program: string, path: string): readonly string[] => ['sh', '-c', program, 'sh', path]
const fill = (path: string): readonly string[] => shell(`cat /dev/zero > "$1/${FILL}"; true`, path)
const free = (path: string): readonly string[] => shell(`rm -f "$1/${FILL}"`, path)
const write = (path: string): readonly string[] =>
  shell(`head -c 65536 /dev/zero > "$1/${TRY}"; wrote=$?; rm -f "$1/${TRY}"; exit $wrote`, path)

interface Space {
  readonly type: string
  readonly sizeKib: number
  readonly freeKib: number
  readonly mountedOn: string
}

/** The last line of `df -PkT`; null where it is none. */
const spaceOf = (output: string): Space | null => {
  const words = output.trim().split('\n').at(-1)?.trim().split(/\s+/) ?? []
  const [, type = '', size, , available, , mountedOn = ''] = words
  if (words.length !== 7 || Number.isNaN(Number(size))) return null
  return { type, sizeKib: Number(size), freeKib: Number(available), mountedOn }
}

/** Throws ScenarioError on a path that is none. */
export const disk = (world: ProcessWorld, { path }: DiskOptions = {}): Kind => {
  if (path !== undefined && !/^\/./.test(path))
    throw new ScenarioError(`disk: path is '${path}', expected a directory inside, such as /var/lib/postgresql/data.`, {
      code: 'ERR_FAULT_OPTION',
    })
  const { runtime, clock } = world
  const paths = new Map<string, string>()

  const space = async (container: Container, where: string): Promise<Space | null> => {
    const { exitCode, output } = await runtime.execute(container.id, ['df', '-PkT', where])
    return exitCode === 0 ? spaceOf(output) : null
  }

  const check = async (container: Container): Promise<void> => {
    const refuse = (because: string): ScenarioError =>
      new ScenarioError(`disk of ${container.name}: ${because}`, { code: 'ERR_DISK' })
    const { mounts } = await runtime.settings(container.id)
    const [only, another] = mounts
    const where = path ?? only
    if (where === undefined) throw refuse(`it has no volume, and its own layer lies on the engine's disk. ${ADVICE}`)
    if (path === undefined && another !== undefined)
      throw refuse(`it has several (${mounts.join(', ')}): say which by { path }.`)
    const found = await space(container, where)
    if (!found) throw refuse(`df says nothing of ${where} in it.`)
    if (found.type !== 'tmpfs' || found.mountedOn === '/')
      throw refuse(
        `${where} is ${found.type} on ${found.mountedOn}, and others would have no room there either. ${ADVICE}`,
      )
    if (found.sizeKib > MOST_KIB)
      throw refuse(`${where} holds ${inMib(found.sizeKib)}, expected at most 2048 MiB. ${ADVICE}`)
    const group = await readControlGroup(runtime, container.id)
    const roomKib = group ? (group.limitBytes - neededBytes(group)) / 1024 : Infinity
    // What a tmpfs holds is memory of whoever wrote it.
    if (found.freeKib > roomKib)
      throw refuse(
        `${inMib(found.freeKib)} are free in ${where}, and of memory it has ${inMib(roomKib)} to spare: the kernel would end its programs before that is full. Give it a smaller tmpfs or a larger mem_limit, in its Compose file.`,
      )
    const { exitCode, output } = await runtime.execute(container.id, write(where))
    if (exitCode !== 0) throw refuse(`a file in ${where} could not be written as it is: ${output.trim()}`)
    paths.set(container.id, where)
  }

  const pathOf = (container: Container): string | undefined => paths.get(container.id) ?? path

  /** The kernel's own count, and somebody else who wants to write. */
  const said = async (container: Container, isFull: boolean): Promise<readonly Evidence[]> => {
    const told = { container: container.name }
    const where = pathOf(container)
    const { running } = await runtime.state(container.id)
    if (where === undefined || !running) {
      const because = running ? 'nobody said which of its directories' : 'it does not run'
      return [
        { ...told, source: 'free space', said: `${container.name}: ${because}`, confirms: false, at: clock.now() },
      ]
    }
    const found = await space(container, where)
    const at = clock.now()
    const { exitCode, output } = await runtime.execute(container.id, write(where))
    const isRefused = exitCode !== 0 && /no space left/i.test(output)
    return [
      {
        ...told,
        at,
        source: 'free space',
        said: found
          ? `${container.name}: ${inMib(found.freeKib)} of ${inMib(found.sizeKib)} are free in ${where}`
          : `${container.name}: df says nothing of ${where}`,
        confirms: found !== null && (found.freeKib === 0) === isFull,
      },
      {
        ...told,
        at: clock.now(),
        source: 'probe from inside',
        said: `a file in ${where} of ${container.name} ${exitCode === 0 ? 'could be written' : `could not be written: ${output.trim()}`}`,
        confirms: isFull ? isRefused : exitCode === 0,
      },
    ]
  }

  return {
    kind: 'disk',
    ...(path !== undefined && { asked: { path } }),
    check: (node) => each(node, check),
    // Replayed backwards. What died of it has lost the file with its tmpfs, and is only to be started.
    undo: (node) => [
      ...undoEach(node, 'start'),
      ...node.containers.flatMap((container) => {
        const where = pathOf(container)
        return where === undefined
          ? []
          : [{ act: 'delete' as const, container: container.id, path: `${where}/${FILL}` }]
      }),
    ],
    inject: (node) =>
      each(node, async (container) => {
        const where = pathOf(container)
        if (where !== undefined) await runtime.execute(container.id, fill(where))
      }),
    attest: (node, injected) =>
      attestInside(world, node, { act: injected, witness: (container) => said(container, true) }),
    attestHeld: async (node) => (await Promise.all(node.containers.map((container) => said(container, true)))).flat(),
    heal: (node) =>
      each(node, async (container) => {
        const where = pathOf(container)
        const { running } = await runtime.state(container.id)
        if (running && where !== undefined) await runtime.execute(container.id, free(where))
        await runtime.start(container.id)
      }),
    attestClear: (node, healed) =>
      attestInside(world, node, { act: healed, witness: (container) => said(container, false), isHeal: true }),
  }
}

const inMib = (kib: number): string => `${(kib / 1024).toFixed(1)} MiB`
