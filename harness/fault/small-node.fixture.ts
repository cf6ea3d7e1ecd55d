// One node of a small deployment: a container that answers over HTTP, and what of it has to be the same after a fault.
import { docker } from '../topology/docker.ts'
import type { Node } from '../topology/topology.ts'
import { dockerRuntime } from './docker.ts'

const IMAGE = process.env.FIREDRILL_UPSTREAM_IMAGE ?? 'firedrill/upstream:local'
export const PORT = 8080
/** Open to everybody in the image: the engine forgets what a tmpfs of its own making is open to when it is started again. */
const VOLUME = '/var/tmp'

/** Starts it on the run's network. */
export const startNode = async (run: string, name: string, address: string): Promise<Node> => {
  const container = await docker().createContainer({
    name: `${run}-${name}`,
    Image: IMAGE,
    Labels: { 'firedrill.run': run, 'firedrill.node': name },
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: run,
      // A volume with a bound, for what fills it.
      Tmpfs: { [VOLUME]: 'size=16m,mode=1777' },
    },
    // As Compose does it: the service's name beside the container's own.
    NetworkingConfig: { EndpointsConfig: { [run]: { Aliases: [name], IPAMConfig: { IPv4Address: address } } } },
  })
  await container.start()
  const ports = { http: { inside: PORT } }
  const containers = [{ id: container.id, name: `${run}-${name}`, service: name, address, image: IMAGE, ports }]
  return { name, role: 'data-plane', zone: 'a', containers }
}

/** Everything that is to be the same after a fault as before it, of one node. */
export const settingsOf = async ({ containers }: Node): Promise<string> => {
  const looks = containers.map(async ({ id }) => {
    const { Name, HostConfig, NetworkSettings, State } = await docker().getContainer(id).inspect()
    const { NanoCpus, CpuQuota = 0, Memory = 0 } = HostConfig
    // No limit is written as 0, as -1, and as more than any machine has.
    const limits = { NanoCpus, CpuQuota: Math.max(0, CpuQuota), Memory: Memory > 2 ** 60 ? 0 : Math.max(0, Memory) }
    const isUp = State.Running && !State.Paused
    const files = isUp ? (await dockerRuntime.execute(id, ['ls', '-A', VOLUME])).output : null
    const restart = HostConfig.RestartPolicy?.Name || 'no'
    const addresses = Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress)
    const place = { Name, addresses, restart }
    return { isRunning: State.Running, isPaused: State.Paused, files, ...place, ...limits }
  })
  return JSON.stringify(await Promise.all(looks))
}
