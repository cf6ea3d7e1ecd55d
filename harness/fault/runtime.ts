// What a fault asks of whatever runs the containers: small enough that a test can be one.

/** What a container is doing, in the engine's words. */
export interface ContainerState {
  readonly running: boolean
  readonly paused: boolean
  readonly exitCode: number
  readonly oomKilled: boolean
  /** How often the engine started it again by its restart policy. */
  readonly restarts: number
  /** When it was last started, in the engine's own words: the same as long as it is the same start. */
  readonly startedAt: string
}

/** Limits in the engine's own names and units, as it takes them back. */
export type Limits = Readonly<Record<string, number>>

/** What a container was made with. */
export interface ContainerSettings {
  /** Process 1 is the engine's init, and the program its child. */
  readonly hasInit: boolean
  /** The engine starts it again by itself when it fails. */
  readonly isRestarted: boolean
  /** What gives it back the processors and the memory that it may use now. */
  readonly limits: { readonly cores: Limits; readonly memory: Limits }
  /** Where volumes and file systems of its own are mounted, inside. */
  readonly mounts: readonly string[]
}

/** What a program that was run inside a container came to. */
export interface Executed {
  /** Null where the container does not run, or ended while the program ran. */
  readonly exitCode: number | null
  /** Both streams, as they came. */
  readonly output: string
}

/** The verbs of process faults. Each resolves when the engine says it is done. */
export interface Runtime {
  /** Sends the image's own STOPSIGNAL; SIGKILL follows only after the container's own limit. */
  stop(container: string): Promise<void>
  kill(container: string): Promise<void>
  /** Sends a signal that ends nobody who knows it; whoever does not know it may end. Rejects where the container does not run. */
  signal(container: string, signal: 'SIGUSR2'): Promise<void>
  /**
   * Does nothing where it runs. Where it is about to end it is started once it has: a stop goes on in the engine though the request
   * for it broke. Rejects where it does not end within 10 s.
   */
  start(container: string): Promise<void>
  /** Stops every process where it is: the kernel goes on accepting connections for them. */
  pause(container: string): Promise<void>
  unpause(container: string): Promise<void>
  state(container: string): Promise<ContainerState>
  settings(container: string): Promise<ContainerSettings>
  /** Runs a program in the container, as its own user and with no more rights. Rejects after 20 s. */
  execute(container: string, command: readonly string[]): Promise<Executed>
  /** From now on it may use so many processors at most: 0.1 is a tenth of one. */
  limitCores(container: string, cores: number): Promise<void>
  /** From now on it may use so many bytes at most, and no swap. */
  limitMemory(container: string, bytes: number): Promise<void>
  /** Gives it back limits that `settings` told. */
  giveBack(container: string, limits: Limits): Promise<void>
}

/** Somebody on the deployment's own network who asks a URL for a whole answer, of any status. Times in ms since the run began. */
export type Ask = (
  url: string,
  timeoutMs: number,
) => Promise<{ readonly answered: boolean; readonly from: number; readonly to: number }>

/** Somebody on the deployment's own network who makes one HTTP exchange. Rejects for nothing that is said or not said there. */
export type Exchange = (
  url: string,
  options: { readonly timeoutMs: number; readonly method?: string; readonly body?: string },
) => Promise<{
  /** A whole answer came in time, whatever its status. */
  readonly ok: boolean
  readonly status: number
  readonly body: string
  readonly error?: string
  readonly from: number
  readonly to: number
}>

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

/** Somebody on the deployment's own network who asks its name server whom a name leads to. Times in ms since the run began. */
export type Resolve = (
  name: string,
  timeoutMs: number,
) => Promise<{ readonly addresses: readonly string[]; readonly from: number; readonly to: number }>
