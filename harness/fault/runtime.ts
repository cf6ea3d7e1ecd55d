// What a fault asks of whatever runs the containers: small enough that a test can be one.

/** What a container is doing, in the engine's words. */
export interface ContainerState {
  readonly running: boolean
  readonly paused: boolean
  readonly exitCode: number
  readonly oomKilled: boolean
}

/** The verbs of process faults. Each resolves when the engine says it is done. */
export interface Runtime {
  /** Sends the image's own STOPSIGNAL; SIGKILL follows only after the container's own limit. */
  stop(container: string): Promise<void>
  kill(container: string): Promise<void>
  start(container: string): Promise<void>
  /** Stops every process where it is: the kernel goes on accepting connections for them. */
  pause(container: string): Promise<void>
  unpause(container: string): Promise<void>
  state(container: string): Promise<ContainerState>
}

/** Somebody on the deployment's own network who asks a URL for a whole answer, of any status. Times in ms since the run began. */
export type Ask = (
  url: string,
  timeoutMs: number,
) => Promise<{ readonly answered: boolean; readonly from: number; readonly to: number }>

/** Somebody on the deployment's own network who tries to connect. Times in ms since the run began. */
export type Probe = (
  address: string,
  port: number,
  timeoutMs: number,
) => Promise<{
  readonly outcome: 'connected' | 'refused' | 'unreachable' | 'timed-out'
  readonly from: number
  readonly to: number
}>
