// Saves what every node said and was, before tear-down: logs, inspect output, the balancers' own state.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerInspectInfo } from 'dockerode'
import { docker } from './docker.ts'
import { ask, balancersOf } from './haproxy.ts'
import type { Container, Topology } from './topology.ts'

const HEADER_BYTES = 8

/** Takes Docker's multiplexed log stream apart: [stream, 0, 0, 0, u32 length] before each piece. */
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

const saveContainer = async (
  container: Container,
  folder: string,
  sinceWallMs: number,
  redact: (text: string) => string,
): Promise<void> => {
  const handle = docker().getContainer(container.id)
  const [logs, inspected] = await Promise.all([
    handle.logs({ stdout: true, stderr: true, timestamps: true, since: sinceWallMs / 1000, follow: false }),
    handle.inspect(),
  ])
  await writeFile(join(folder, 'logs', `${container.service}.log`), redact(demultiplex(logs as unknown as Buffer)))
  const told = tellable(inspected)
  await writeFile(join(folder, 'inspect', `${container.service}.json`), redact(`${JSON.stringify(told, null, 2)}\n`))
}

const saveBalancer = async (balancer: { name: string; port: number }, folder: string): Promise<void> => {
  const [stat, info] = await Promise.all([ask(balancer, 'show stat'), ask(balancer, 'show info')])
  await writeFile(join(folder, 'balancers', `${balancer.name}.csv`), stat)
  await writeFile(join(folder, 'balancers', `${balancer.name}.info`), info)
}

/** Saves all of it under `folder` and resolves with a sentence for each thing that could not be saved. */
export const saveEvidence = async (options: {
  readonly topology: Topology
  readonly folder: string
  /** Log lines older than this stay out; ms of the wall clock. */
  readonly sinceWallMs: number
  readonly redact: (text: string) => string
}): Promise<readonly string[]> => {
  const { topology, folder, sinceWallMs, redact } = options
  await Promise.all(['logs', 'inspect', 'balancers'].map((name) => mkdir(join(folder, name), { recursive: true })))
  const containers = topology.nodes.flatMap((node) => node.containers)
  const saved = await Promise.allSettled([
    ...containers.map((container) => saveContainer(container, folder, sinceWallMs, redact)),
    ...balancersOf(topology).map((balancer) => saveBalancer(balancer, folder)),
  ])
  return saved
    .filter((each) => each.status === 'rejected')
    .map((each) => `not saved: ${(each.reason as Error).message}`)
}
