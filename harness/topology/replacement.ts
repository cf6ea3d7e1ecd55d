// Who stands in the place of a container that was replaced: how that one is known, and where it stands.

/** The label of a replacement: the id of the container in whose place it is. Nothing that lists nodes counts it. */
export const REPLACES = 'firedrill.replaces'

const HOSTS = 255

/**
 * The address of a container's replacement: its own, counted from the other end of its /24. So it is known beforehand whose
 * answers these are, no two want the same one, and addresses that a deployment lists in its lower half stay their owners'.
 * The replacement's replacement would stand at the container's own.
 */
export const replacementAddress = (address: string): string => {
  const octets = address.split('.')
  return [...octets.slice(0, -1), HOSTS - Number(octets.at(-1))].join('.')
}
