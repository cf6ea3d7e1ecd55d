import { describe, expect, test } from 'vitest'
import { controlGroupOf } from './control-group.ts'
import { coreLimit, limitsOf, memoryLimit } from './limits.ts'

const VERSION_1 = `cpu/cpu.cfs_quota_us 10000
cpu/cpu.cfs_period_us 100000
cpu/cpu.stat nr_periods 12
cpu/cpu.stat nr_throttled 7
cpu/cpu.stat throttled_time 173198197
memory/memory.limit_in_bytes 100663296
memory/memory.usage_in_bytes 30732288
memory/memory.stat active_file 1
memory/memory.stat total_inactive_file 4096
memory/memory.stat total_active_file 8192
memory/memory.failcnt 3
memory/memory.memsw.failcnt 2
memory/memory.oom_control oom_kill_disable 0
memory/memory.oom_control oom_kill 1
`
const VERSION_2 = `cpu.max 10000 100000
cpu.stat usage_usec 5
cpu.stat nr_periods 12
cpu.stat nr_throttled 7
memory.max 100663296
memory.current 30732288
memory.stat inactive_file 4096
memory.stat active_file 8192
memory.events low 0
memory.events max 5
memory.events oom 1
memory.events oom_kill 1
`

describe('a control group', () => {
  test.each([
    ['version 1', VERSION_1],
    ['version 2', VERSION_2],
  ])('of %s is read', (_, output) => {
    expect(controlGroupOf(output)).toEqual({
      cores: 0.1,
      periods: 12,
      throttled: 7,
      limitBytes: 100_663_296,
      usedBytes: 30_732_288,
      reclaimableBytes: 12_288,
      hits: 5,
      killed: 1,
    })
  })

  test('without limits says that there are none', () => {
    const none = 'cpu.max max 100000\nmemory.max max\nmemory.current 1\n'
    expect(controlGroupOf(none)).toMatchObject({ cores: null, limitBytes: Infinity, throttled: 0 })
  })

  test('that is not to be seen is none', () => {
    expect(controlGroupOf('')).toBeNull()
  })
})

describe('limits in the engine’s words', () => {
  test('no limit is one that the engine takes for none', () => {
    expect(limitsOf({ NanoCpus: 0, CpuQuota: 0, Memory: 0, MemorySwap: 0 })).toEqual({
      cores: { CpuPeriod: 100_000, CpuQuota: -1 },
      memory: { Memory: 2 ** 62, MemorySwap: 2 ** 63 - 4096 },
    })
  })

  test('limits are given back as they were', () => {
    expect(limitsOf({ CpuPeriod: 50_000, CpuQuota: 25_000, Memory: 2 ** 28, MemorySwap: 2 ** 29 })).toEqual({
      cores: { CpuPeriod: 50_000, CpuQuota: 25_000 },
      memory: { Memory: 2 ** 28, MemorySwap: 2 ** 29 },
    })
  })

  test('a container that was made with cores is limited in cores, and another in its quota', () => {
    expect(limitsOf({ NanoCpus: 5e8 }).cores).toEqual({ NanoCpus: 5e8 })
    expect(coreLimit({ NanoCpus: 5e8 }, 0.1)).toEqual({ NanoCpus: 1e8 })
    expect(coreLimit({ NanoCpus: 0 }, 0.1)).toEqual({ CpuPeriod: 100_000, CpuQuota: 10_000 })
  })

  test('a limit of memory leaves no swap', () => {
    expect(memoryLimit(2 ** 27)).toEqual({ Memory: 2 ** 27, MemorySwap: 2 ** 27 })
  })
})
