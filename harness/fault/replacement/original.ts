// What is to be known of a container before it is replaced: how another one like it is made, and how it becomes itself again.
import type { ContainerCreateOptions, ContainerInspectInfo } from 'dockerode'
import { ScenarioError } from '../../time/errors.ts'
import { REPLACES, replacementAddress } from '../../topology/replacement.ts'

/** A restart policy in the engine's own words. */
export interface RestartPolicy {
  readonly Name: string
  readonly MaximumRetryCount?: number
}

/** A container as it was found. */
export interface Original {
  readonly id: string
  /** Docker's name without the leading slash. */
  readonly name: string
  readonly network: string
  readonly address: string
  /** Every name by which others on the network find it. */
  readonly names: readonly string[]
  readonly restart: RestartPolicy
  /** Makes its replacement. */
  readonly create: ContainerCreateOptions
}

/** What the engine says of a container, read. Throws ScenarioError where it could not be replaced, or not become itself again. */
export const originalFrom = (inspected: ContainerInspectInfo): Original => {
  const { Id: id, HostConfig, NetworkSettings } = inspected
  const name = inspected.Name.replace(/^\//, '')
  const refuse = (because: string): never => {
    throw new ScenarioError(`replace of ${name}: ${because}`, { code: 'ERR_REPLACE' })
  }
  const [joined, ...more] = Object.entries(NetworkSettings.Networks)
  if (!joined || more.length > 0)
    return refuse(`it stands on ${more.length + (joined ? 1 : 0)} networks, expected one.`)
  const [network, endpoint] = joined
  const address = endpoint.IPAMConfig?.IPv4Address
  if (!address)
    return refuse('it would come back at another address. Give it an ipv4_address in its Compose file, or use kill.')
  if (HostConfig.AutoRemove === true) return refuse('the engine removes it when it stops. Make it without --rm.')
  // The engine adds a container's own id to its names: that is the one that the replacement must not have.
  const aliases = ((endpoint.Aliases ?? []) as readonly string[]).filter((alias) => alias !== shortOf(id))
  return {
    id,
    name,
    network,
    address,
    names: [...new Set([name, ...aliases])],
    restart: restartOf(HostConfig.RestartPolicy),
    create: createOptions(inspected, { network, aliases, address: replacementAddress(address) }),
  }
}

/**
 * Makes a container anew, as it is and where it is, for when it is gone; its volumes go over to it, and what it wrote beside them does
 * not. Throws ScenarioError where it has no address of its own.
 */
export const againFrom = (inspected: ContainerInspectInfo): ContainerCreateOptions => {
  const { network, address, names, name } = originalFrom(inspected)
  return withVolumes(
    sameOptions(inspected, { network, address, aliases: names.filter((each) => each !== name) }),
    inspected,
  )
}

/** What the engine calls a container by its id: a name of somebody's choice may begin like it. */
const shortOf = (id: string): string => id.slice(0, 12)

const restartOf = (policy: ContainerInspectInfo['HostConfig']['RestartPolicy']): RestartPolicy => ({
  Name: policy?.Name || 'no',
  ...(policy?.MaximumRetryCount && { MaximumRetryCount: policy.MaximumRetryCount }),
})

interface Place {
  readonly network: string
  readonly aliases: readonly string[]
  readonly address: string
}

const createOptions = (inspected: ContainerInspectInfo, place: Place): ContainerCreateOptions => {
  const same = sameOptions(inspected, place)
  return { ...same, Labels: { ...same.Labels, [REPLACES]: inspected.Id } }
}

/** The same image by its id, whatever its tag means by now; the same command, environment, labels, limits and mounts. */
const sameOptions = (
  { Id, Name, Image, Config, HostConfig }: ContainerInspectInfo,
  place: Place,
): ContainerCreateOptions => {
  const { Hostname, ...config } = Config
  return {
    ...config,
    name: Name.replace(/^\//, ''),
    Image,
    // A host name that nobody chose is the id: the other one has one of its own.
    ...(Hostname === shortOf(Id) ? {} : { Hostname }),
    // The network it is created on is the only one it is ever on: the engine's default bridge would be a back door.
    HostConfig: { ...HostConfig, NetworkMode: place.network },
    NetworkingConfig: {
      EndpointsConfig: {
        [place.network]: { Aliases: [...place.aliases], IPAMConfig: { IPv4Address: place.address } },
      },
    },
  } as ContainerCreateOptions
}

/** Volumes that the engine made for it have no name in its options: they go over by the one that they were given. */
const withVolumes = (
  options: ContainerCreateOptions,
  { HostConfig, Mounts = [] }: ContainerInspectInfo,
): ContainerCreateOptions => {
  const asked = new Set([
    ...(HostConfig.Binds ?? []).map((bind) => bind.split(':')[1]),
    ...(HostConfig.Mounts ?? []).map(({ Target }) => Target),
  ])
  const made = Mounts.filter(({ Type, Destination }) => Type === 'volume' && !asked.has(Destination))
  const binds = [...(HostConfig.Binds ?? []), ...made.map(({ Name, Destination }) => `${Name}:${Destination}`)]
  const mounts = HostConfig.Mounts?.map((mount) => {
    // So Compose v2 asks for a volume without a name.
    if (mount.Type !== 'volume' || mount.Source) return mount
    return { ...mount, Source: Mounts.find(({ Destination }) => Destination === mount.Target)?.Name ?? '' }
  })
  return { ...options, HostConfig: { ...options.HostConfig, Binds: binds, ...(mounts && { Mounts: mounts }) } }
}
