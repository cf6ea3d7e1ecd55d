// How a fault is undone by somebody who knows nothing but this: written down before the first change, replayed backwards.
import type { Reinstated } from './replacement/docker.ts'

/** One idempotent step. Containers are named by their ids; one that is gone needs no undoing. */
export type Undo =
  | { readonly act: 'start'; readonly container: string }
  /** Removes whoever was put in the container's place, and gives it the name and the restart policy that it had. */
  | ({ readonly act: 'reinstate' } & Reinstated)
  | { readonly act: 'unpause'; readonly container: string }
  /** Takes whatever packet rule or queue of ours is there out of the container's network namespace. */
  | { readonly act: 'lift'; readonly container: string; readonly run: string }
  /** Gives the container the limits it had: the engine's own names and units (HostConfig). */
  | {
      readonly act: 'limits'
      readonly container: string
      readonly limits: Readonly<Record<string, number>>
    }
  /** Deletes a file of ours inside the container's volume or writable layer. */
  | { readonly act: 'delete'; readonly container: string; readonly path: string }
  /** Puts files inside the container back that were kept beside: kept-files.ts. */
  | { readonly act: 'put-back'; readonly container: string; readonly paths: readonly string[] }
  /**
   * Tells a balancer to trust a node again wherever it lists it, through the admin port it publishes on 127.0.0.1. Older logs do not
   * say in which container it runs.
   */
  | { readonly act: 'trust'; readonly container?: string; readonly port: number; readonly node: string }
