// Where our containers stand when processors are short: beside everything else, not all together under the engine.
import { docker } from './docker.ts'

/**
 * A weight counts among siblings only. Under the engine's own group a whole deployment and its callers share one portion,
 * against a portion each for a browser's processes and for the engine's own work; at the root each stands by itself. The
 * groups go with the containers. Where systemd keeps the groups, containers are left where the engine puts them: undefined.
 */
export const cgroupParent = async (): Promise<string | undefined> => {
  const { CgroupDriver } = (await docker().info()) as { readonly CgroupDriver?: string }
  return CgroupDriver === 'cgroupfs' ? '/' : undefined
}
