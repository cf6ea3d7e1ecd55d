// What a fault can leave on a node that stays: whether it runs, its limits, its files, packet rules, and helpers beside it.
import { execute } from '../fault/execute.ts'
import { networkOver } from '../fault/network/docker.ts'
import { clockSince } from '../time/clock.ts'
import { docker } from '../topology/docker.ts'
import { REPLACES } from '../topology/replacement.ts'

/** Where the small deployment's nodes have a volume with a bound. */
const VOLUME = '/var/tmp'

const nodesOf = async (run: string) =>
  docker().listContainers({ all: true, filters: { label: [`firedrill.run=${run}`, 'firedrill.node'] } })

/** Container by container, in words that are the same when the nodes are. Nothing of packet rules: `rulesOn` has them. */
export const nodeStates = async (run: string): Promise<ReadonlyMap<string, string>> => {
  const looks = (await nodesOf(run)).map(async ({ Id, Labels }) => {
    const { Name, HostConfig, NetworkSettings, State } = await docker().getContainer(Id).inspect()
    const { NanoCpus, CpuQuota = 0, Memory = 0 } = HostConfig
    // No limit is written as 0, as -1, and as more than any machine has.
    const limits = { NanoCpus, CpuQuota: Math.max(0, CpuQuota), Memory: Memory > 2 ** 60 ? 0 : Math.max(0, Memory) }
    const isUp = State.Running && !State.Paused
    const files = isUp ? (await execute(Id, ['ls', '-A', VOLUME])).output : null
    const addresses = Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress)
    const restart = HostConfig.RestartPolicy?.Name || 'no'
    const place = { Name, addresses, restart }
    const state = { isRunning: State.Running, isPaused: State.Paused, files, ...place, ...limits }
    const node = Labels['firedrill.node'] ?? Id
    return [Labels[REPLACES] ? `a replacement of ${node}` : node, JSON.stringify(state)] as const
  })
  return new Map(await Promise.all(looks))
}

/** What is not as it was, as sentences; empty when everything is. */
export const changed = (was: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): readonly string[] =>
  [...new Set([...was.keys(), ...now.keys()])]
    .filter((name) => now.get(name) !== was.get(name))
    .map((name) => `${name} is ${now.get(name) ?? 'gone'}`)

/** The helpers that are there, running or not. */
export const helpersOf = async (run: string): Promise<readonly string[]> => {
  const filters = { label: [`firedrill.run=${run}`, 'firedrill.part=helper'] }
  return (await docker().listContainers({ all: true, filters })).map(({ Names }) => `the helper ${Names.join()}`)
}

/** The nodes with a packet rule of ours in their namespace, as sentences. It asks by a helper in each. */
export const rulesOn = async (run: string): Promise<readonly string[]> => {
  const clock = clockSince()
  const probe = async () => ({ outcome: 'unreachable' as const, from: clock.now(), to: clock.now() })
  const { network } = networkOver({ run, clock, probe })
  const looks = (await nodesOf(run)).map(async ({ Id, Labels }) => {
    const said = await network.look(Id)
    return said === false ? [] : [`${Labels['firedrill.node']} ${said ? 'has a packet rule of ours' : 'does not run'}`]
  })
  const found = (await Promise.all(looks)).flat()
  await network.settled()
  return found
}
