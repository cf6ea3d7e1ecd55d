// Calls at a fixed rate, whatever the answers do: latency counts from the moment a call was due, as callers feel it.
import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'

export interface RateOptions {
  readonly url: string
  readonly perSecond: number
  readonly seconds: number
}

export interface RateResult {
  readonly answered: number
  readonly failed: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const warmUpSeconds = 1
const connections = 32

export async function atRate({ url, perSecond, seconds }: RateOptions): Promise<RateResult> {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections, pipelining: 1 })
  const total = perSecond * (seconds + warmUpSeconds)
  const warm = perSecond * warmUpSeconds
  const latencies: number[] = []
  let failed = 0
  const beganAt = performance.now()
  const pending: Promise<void>[] = []
  const send = async (index: number): Promise<void> => {
    const dueAt = beganAt + (index * 1000) / perSecond
    try {
      const { statusCode, body } = await pool.request({ path: pathname, method: 'GET' })
      await body.dump()
      if (index < warm) return
      if (statusCode === 200) latencies.push(performance.now() - dueAt)
      else failed += 1
    } catch {
      failed += 1
    }
  }
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - beganAt) * perSecond) / 1000) + 1)
    for (; sent < due; sent += 1) pending.push(send(sent))
    // A busy loop would be more exact and would take the core that the upstream needs; a millisecond late counts as latency.
    await wait(1)
  }
  await Promise.all(pending)
  await pool.close()
  latencies.sort((a, b) => a - b)
  return { answered: latencies.length, failed, p50Ms: at(latencies, 0.5), p99Ms: at(latencies, 0.99) }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
