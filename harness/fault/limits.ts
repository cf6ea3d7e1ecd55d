// What limits a container's processors and memory, in the engine's own words.
import type { Limits } from './runtime.ts'

interface HostConfig {
  readonly NanoCpus?: number | undefined
  readonly CpuPeriod?: number | undefined
  readonly CpuQuota?: number | undefined
  readonly Memory?: number | undefined
  readonly MemorySwap?: number | undefined
}

/** The kernel's default period, in µs. */
const PERIOD_US = 100_000

/**
 * To the engine 0 is "as it is", and -1 is none for processors but refused for memory. So no limit is the kernel's own
 * largest number, and half of it without swap: their difference is what cgroup v2 allows in swap.
 */
const NO_LIMIT = { memory: 2 ** 62, withSwap: 2 ** 63 - 4096 } as const

/** From here on a limit of the kernel's is none. */
export const UNLIMITED_BYTES = 2 ** 60

const orNone = (value: number | undefined, none: number): number => (value && value > 0 ? value : none)

/** What gives a container the limits that it has now. */
export const limitsOf = (config: HostConfig): { readonly cores: Limits; readonly memory: Limits } => ({
  cores: config.NanoCpus
    ? { NanoCpus: config.NanoCpus }
    : { CpuPeriod: orNone(config.CpuPeriod, PERIOD_US), CpuQuota: orNone(config.CpuQuota, -1) },
  memory: {
    Memory: orNone(config.Memory, NO_LIMIT.memory),
    MemorySwap: orNone(config.MemorySwap, NO_LIMIT.withSwap),
  },
})

/** The engine keeps two ways to say it apart, and refuses the one where a container was made with the other. */
export const coreLimit = (config: HostConfig, cores: number): Limits =>
  config.NanoCpus
    ? { NanoCpus: Math.round(cores * 1e9) }
    : { CpuPeriod: PERIOD_US, CpuQuota: Math.round(cores * PERIOD_US) }

export const memoryLimit = (bytes: number): Limits => ({ Memory: bytes, MemorySwap: bytes })
