// Whether a container that runs has an address on each network it is to be on.

/** What the engine's inspection says of it. */
export interface OnNetworks {
  readonly State: { readonly Running: boolean }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> }
}

/** Networks that give no address of their own: nothing, the machine's, another container's. */
const WITHOUT_ADDRESS = new Set(['none', 'host'])

/**
 * Docker 20.10 with live-restore, restarted at the moment a container begins, may take it for running and know of no endpoint of
 * it: whoever starts it then is told that it runs already, and it stays unreachable until it is started anew.
 */
export const hasItsAddresses = ({ State, NetworkSettings }: OnNetworks): boolean =>
  !State.Running ||
  Object.entries(NetworkSettings.Networks).every(
    ([network, { IPAddress }]) => WITHOUT_ADDRESS.has(network) || IPAddress !== '',
  )
