// Acts that put a node made otherwise in its own place: of the image it is to be upgraded to, or told to start from the fallback's store.
import { randomUUID } from 'node:crypto'
import type { ProcessWorld } from '../fault/process.ts'
import { remake } from '../fault/remake.ts'
import { remade } from '../fault/replacement/remade.ts'
import type { Options } from '../options.ts'
import { FaultError, ScenarioError } from '../time/errors.ts'
import { CALLED_PATHS, CALLED_ROUTE } from '../topology/called-route.ts'
import { environmentOf } from '../topology/environment.ts'
import { listed, type Targets } from '../topology/group.ts'
import { type Node, nodesOf, portOf, type Topology } from '../topology/topology.ts'
import type { ComingUp } from './coming-up.ts'
import type { Breaking, FaultInEffect } from './fault-acts.ts'

export interface RemakeActs {
  /** The node runs the image of FIREDRILL_UPGRADE_TO, and has had its time to come up; healed, it runs its own again. */
  readonly upgrade: (node: Node) => Promise<FaultInEffect>
  /** Those whose role FIREDRILL_UPGRADE_TO names an image for, in their order: the others stay as they are. */
  readonly toUpgrade: (nodes: Targets) => readonly Node[]
  /**
   * A gateway starts anew as a data-plane node that knows nothing but the fallback's store, as an operator tells it to while the
   * control plane is away; healed, it is what it was.
   */
  readonly bootFromStore: (node: Node) => Promise<FaultInEffect>
  /**
   * A gateway starts anew in standalone mode, from a file that serves what callers ask for, and has had its time to be ready and to serve.
   * Throws FaultError where the file cannot be written, and where what the gateway serves is not from there: it was told nothing then.
   */
  readonly bootStandalone: (node: Node) => Promise<FaultInEffect>
}

export interface Remaking {
  readonly processes: ProcessWorld
  readonly topology: Topology
  readonly options: Pick<Options, 'upgradeTo'>
  readonly breaks: Breaking['breaks']
  /** Resolves when every port of the node takes connections, or its time is over. */
  readonly listens: (node: Node) => Promise<void>
  /** Resolves when the node says by itself that it is ready, or its time is over. */
  readonly saysReady: (node: Node) => Promise<void>
  /** How the gateway first answers well what callers ask for; null where it does not, or its time is over. */
  readonly serves: ComingUp['serves']
}

export const remakeActs = ({
  processes,
  topology,
  options,
  breaks,
  listens,
  saysReady,
  serves,
}: Remaking): RemakeActs => ({
  upgrade: async (node) => {
    const image = options.upgradeTo[node.role]
    if (image === undefined)
      throw new ScenarioError(
        `upgrade of ${node.name}: nobody said to which image. Set FIREDRILL_UPGRADE_TO to ${node.role}=IMAGE.`,
        { code: 'ERR_IMAGES' },
      )
    const kind = remake(processes, remade({ image }), { kind: 'upgrade', asked: { image }, image })
    const upgraded = await breaks(kind, node)
    await listens(node)
    return upgraded
  },
  toUpgrade: (nodes) => listed(nodes).filter(({ role }) => options.upgradeTo[role] !== undefined),
  bootFromStore: async (node) => {
    const { writer, store } = await storeOf(topology)
    const environment = { ...store, FALLBACK_CP_MODE: 'read', DEPLOYMENT_ROLE: 'data_plane', CONFIG_PROVIDER: 'json' }
    const kind = remake(processes, remade({ environment }), {
      kind: 'reconfigure',
      asked: { from: 'store', writer: writer.name },
      environment,
    })
    return breaks(kind, node)
  },
  bootStandalone: async (node) => {
    const environment = { DEPLOYMENT_ROLE: 'data_plane', CONFIG_PROVIDER: 'yaml', CONFIG_FILE: STANDALONE_FILE }
    const replacements = remade({ environment })
    const kind = remake(processes, replacements, { kind: 'reconfigure', asked: { from: 'file' }, environment })
    const booted = await breaks(kind, node)
    const mark = randomUUID()
    for (const { id } of node.containers) {
      const standing = await replacements.find(id)
      if (!standing) throw fileless(node, 'nobody stands there')
      const write = `cat > ${STANDALONE_FILE} <<'END_OF_FILE'\n${standaloneFor(topology, mark)}\nEND_OF_FILE`
      const { exitCode, output } = await processes.runtime.execute(standing.id, ['sh', '-c', write])
      if (exitCode !== 0) throw fileless(node, output.trim() || 'it does not run')
    }
    await listens(node)
    await saysReady(node)
    // Whoever serves nobody is judged by that, like any other.
    const served = await serves(node)
    if (served && served.headers[MARKED.toLowerCase()] !== mark) throw untold(node)
    return booted
  },
})

const STANDALONE_FILE = '/tmp/apisix.yaml'

/** What a gateway does without the file is no claim about it. */
const fileless = ({ name }: Node, because: string): FaultError =>
  new FaultError(`${STANDALONE_FILE} could not be written for ${name}: ${because}`, { code: 'ERR_FAULT' })

/** What it serves from elsewhere is none either. */
const untold = ({ name }: Node): FaultError =>
  new FaultError(
    `${name} was told to start from ${STANDALONE_FILE}, and what it serves is not from there: its answers lack the header ${MARKED} that the file gives them. Its image may not know CONFIG_PROVIDER=yaml or CONFIG_FILE.`,
    { code: 'ERR_FAULT' },
  )

/** A header that each answer has by the file, and by nothing else. */
const MARKED = 'X-Firedrill-Standalone'

/** apisix.yaml with what callers ask for, as an operator keeps it beside a gateway. JSON is YAML, and its last line says that it is whole. */
const standaloneFor = (topology: Topology, mark: string): string => {
  const nodes = nodesOf(topology, 'upstream').flatMap((node) => {
    const http = portOf(node, 'http')
    return http ? [[`${http.container.address}:${http.port.inside}`, 1] as const] : []
  })
  const upstream = { type: 'roundrobin', nodes: Object.fromEntries(nodes) }
  const plugins = { 'response-rewrite': { headers: { set: { [MARKED]: mark } } } }
  const routes = [{ id: CALLED_ROUTE, name: CALLED_ROUTE, uris: CALLED_PATHS, plugins, upstream }]
  return `${JSON.stringify({ routes })}\n#END`
}

/** Who writes the fallback, and how to read it: the store as its writer was told of it. */
const storeOf = async (
  topology: Topology,
): Promise<{ readonly writer: Node; readonly store: Readonly<Record<string, string>> }> => {
  for (const writer of nodesOf(topology, 'object-store')) {
    const told = Object.entries(await environmentOf(writer)).filter(([name]) => name.startsWith('FALLBACK_CP_'))
    if (told.some(([name, value]) => name === 'FALLBACK_CP_MODE' && value === 'write'))
      return { writer, store: Object.fromEntries(told) }
  }
  throw new ScenarioError(
    'No node writes the fallback configuration (FALLBACK_CP_MODE=write). Bring the deployment up with COMPOSE_PROFILES=s3 or azure.',
    { code: 'ERR_NO_FALLBACK' },
  )
}
