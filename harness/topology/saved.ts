// Saves what every node said and was, before tear-down: logs, inspect output, the balancers' own state.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerInspectInfo } from 'dockerode'
import { within } from '../time/turns.ts'
import { docker } from './docker.ts'
import { ask, balancersOf } from './haproxy.ts'
import type { Container, Node, Topology } from './topology.ts'

const HEADER_BYTES = 8

/** Takes Docker's multiplexed log apart: [stream, 0, 0, 0, u32 length] before each piece. The modem's own recurses once a piece, too deep for a whole log. */
export const demultiplex = (raw: Buffer): string => {
  const pieces: Buffer[] = []
  for (let at = 0; at + HEADER_BYTES <= raw.length; ) {
    const end = at + HEADER_BYTES + raw.readUInt32BE(at + 4)
    pieces.push(raw.subarray(at + HEADER_BYTES, end))
    at = end
  }
  return Buffer.concat(pieces).toString()
}

const PATHS = ['GraphDriver', 'HostnamePath', 'HostsPath', 'LogPath', 'ResolvConfPath']
const LABELS_WITH_PATHS = /^com\.docker\.compose\.project\.(working_dir|config_files|environment_file)$/

/** The engine's own account of a container, less its environment's values and this machine's paths. */
export const tellable = (inspected: ContainerInspectInfo): Readonly<Record<string, unknown>> => {
  const labels = Object.entries(inspected.Config.Labels).filter(([name]) => !LABELS_WITH_PATHS.test(name))
  // Environments hold passwords by construction: names stay, values go.
  const Env = inspected.Config.Env.map((line) => `${line.split('=')[0]}=[redacted]`)
  const rest = Object.entries(inspected).filter(([name]) => !PATHS.includes(name))
  return { ...Object.fromEntries(rest), Config: { ...inspected.Config, Env, Labels: Object.fromEntries(labels) } }
}

/** What could not be saved, and a sentence on it. */
export interface Unsaved {
  readonly about: 'balancer log' | 'log' | 'inspect' | 'balancer state'
  readonly because: string
}

/** One thing to save, and what it is called where that fails. */
interface Piece {
  readonly about: Unsaved['about']
  readonly what: string
  save(): Promise<void>
}

interface Where {
  readonly folder: string
  /** Log lines older than this stay out; ms of the wall clock. */
  readonly sinceWallMs: number
  readonly redact: (text: string) => string
}

/** What a container wrote, as logs/<name>.log. */
const logOf = (
  { id, name, role }: Pick<Container, 'id' | 'name'> & Pick<Node, 'role'>,
  { folder, sinceWallMs, redact }: Where,
): Piece => ({
  about: role === 'load-balancer' ? 'balancer log' : 'log',
  what: `The log of ${name}`,
  save: async () => {
    const since = sinceWallMs / 1000
    const wanted = { stdout: true, stderr: true, timestamps: true, since, follow: false } as const
    const logs = await docker().getContainer(id).logs(wanted)
    await writeFile(join(folder, 'logs', `${name}.log`), redact(demultiplex(logs as unknown as Buffer)))
  },
})

const piecesOf = (container: Container, { role }: Pick<Node, 'role'>, where: Where): readonly Piece[] => {
  const { folder, redact } = where
  const { id, service } = container
  const handle = docker().getContainer(id)
  return [
    logOf({ id, name: service, role }, where),
    {
      about: 'inspect',
      what: `What the engine says of ${service}`,
      save: async () => {
        const told = tellable(await handle.inspect())
        await writeFile(join(folder, 'inspect', `${service}.json`), redact(`${JSON.stringify(told, null, 2)}\n`))
      },
    },
  ]
}

const stateOf = (balancer: { name: string; port: number }, { folder }: Where): Piece => ({
  about: 'balancer state',
  what: `The state of ${balancer.name}`,
  save: async () => {
    const [stat, info] = await Promise.all([ask(balancer, 'show stat'), ask(balancer, 'show info')])
    await writeFile(join(folder, 'balancers', `${balancer.name}.csv`), stat)
    await writeFile(join(folder, 'balancers', `${balancer.name}.info`), info)
  },
})

/** Saves all of it under `folder` and resolves with what could not be saved. Never rejects. */
export const saveEvidence = async ({
  topology,
  ...where
}: Where & { readonly topology: Topology }): Promise<readonly Unsaved[]> => {
  const folders = ['logs', 'inspect', 'balancers'].map((name) => mkdir(join(where.folder, name), { recursive: true }))
  // Whatever finds no folder says so itself.
  await Promise.allSettled(folders)
  const pieces = [
    ...topology.nodes.flatMap((node) => node.containers.flatMap((container) => piecesOf(container, node, where))),
    ...balancersOf(topology).map((balancer) => stateOf(balancer, where)),
  ]
  return saved(pieces)
}

/** Whoever heals a fault waits for it: an engine that says nothing must not keep the fault in effect. */
const STAND_IN_LIMIT_MS = 10_000

/**
 * Saves what one wrote that stands in a container's place, before it is removed: as logs/<service>.stand-in-<n>.log, for the n-th that did.
 * Resolves with what could not be saved, within 10 s. Never rejects.
 */
export const standInLogs = ({ topology, ...where }: Where & { readonly topology: Topology }) => {
  const stoodIn = new Map<string, string[]>()
  return async ({ id, service }: Container, standIn: string): Promise<readonly Unsaved[]> => {
    const before = stoodIn.get(id) ?? []
    if (!before.includes(standIn)) stoodIn.set(id, [...before, standIn])
    const name = `${service}.stand-in-${(stoodIn.get(id) ?? []).indexOf(standIn) + 1}`
    const role =
      topology.nodes.find(({ containers }) => containers.some((each) => each.id === id))?.role ?? 'data-plane'
    const log = logOf({ id: standIn, name, role }, where)
    const late = (): Error => new Error(`the engine did not give it within ${STAND_IN_LIMIT_MS / 1000} s`)
    await mkdir(join(where.folder, 'logs'), { recursive: true }).catch(() => {})
    return saved([{ ...log, save: () => within(log.save(), STAND_IN_LIMIT_MS, late) }])
  }
}

/** What of it could not be saved. */
const saved = async (pieces: readonly Piece[]): Promise<readonly Unsaved[]> => {
  const unsaved = await Promise.all(
    pieces.map(({ about, what, save }) =>
      save().then(
        () => null,
        (error: Error): Unsaved => ({ about, because: `${what} was not saved: ${error.message}` }),
      ),
    ),
  )
  return unsaved.filter((each) => each !== null)
}
