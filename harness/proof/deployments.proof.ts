// Each deployment stands by itself: from its Compose file alone it starts, serves and rests, and it does so within limits.
import { get } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { docker } from '../topology/docker.ts'
import { byHand, untilSo } from './by-hand.ts'
import { sampled } from './sample.ts'

const PROJECT = 'firedrill-stands'
const START_LIMIT_MS = 25_000
/** Every health check looks first 15 s after the start of its container: one that just missed passes 15 s later. */
const HEALTHY_LIMIT_MS = START_LIMIT_MS + 15_000
const REST_MS = 8_000
/**
 * Of one core. A tenth is what is asked of a deployment on a machine that nobody else uses; the same one took 7 to 15 % of a
 * core from one machine to the next. Here it is held against what a program that spins, or polls, would add.
 */
const REST_LIMIT = 0.2
/** Of one core: windows are taken until one is below it. */
const TARGET = 0.1
/** What starts has work left for a while (caches, statistics): rest is looked for in two windows, one after the other. */
const REST_WINDOWS = 2

const containers = () => docker().listContainers({ filters: { label: [`firedrill.run=${PROJECT}`] } })

/** Whether every container that has a health check has passed it. */
const areWell = async (): Promise<boolean> =>
  (await containers()).every(({ Status }) => !/starting|unhealthy/.test(Status))

/** Processor time of every container so far, in seconds, read from their control groups (v1 and v2). */
const processorSeconds = async (): Promise<number> => {
  const each = await Promise.all(
    (await containers()).map(async ({ Id }) => {
      const stats = (await docker().getContainer(Id).stats({ stream: false, 'one-shot': true })) as {
        readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } }
      }
      return stats.cpu_stats.cpu_usage.total_usage / 1e9
    }),
  )
  return each.reduce((sum, seconds) => sum + seconds, 0)
}

/** The share of a core that all containers take: the first that is below the limit, else the least. */
const restBelow = async (limit: number): Promise<number> => {
  let least = 1
  for (let window = 0; window < REST_WINDOWS && least >= limit; window += 1) {
    const [before, from] = [await processorSeconds(), performance.now()]
    await pause(REST_MS)
    least = Math.min(least, (1000 * ((await processorSeconds()) - before)) / (performance.now() - from))
  }
  return least
}

afterEach(() => byHand('', PROJECT).down())

/** An answer over HTTPS, and whose certificate it came with. */
const overHttps = (url: string): Promise<{ readonly status: number; readonly issuedTo: string }> =>
  new Promise((resolve, reject) => {
    const asked = get(url, { rejectUnauthorized: false, timeout: 2_000 }, (answer) => {
      const { subject } = (answer.socket as TLSSocket).getPeerCertificate()
      answer.resume()
      resolve({ status: answer.statusCode ?? 0, issuedTo: String(subject.CN) })
    })
    asked.once('error', reject)
  })

interface Stack {
  readonly stack: string
  readonly mode: 'http' | 'tcp'
  readonly dashboard: string
}

const STACKS = sampled<Stack>(
  [{ stack: 'multi-zone', mode: 'tcp', dashboard: 'http://127.0.0.1:7080' }],
  // Drills bring them up in any case.
  [
    { stack: 'high-availability', mode: 'http', dashboard: 'http://127.0.0.1:7080' },
    { stack: 'etcd', mode: 'http', dashboard: 'http://127.0.0.1:9000' },
  ],
)

test.each(STACKS)(
  '$stack behind an $mode balancer serves within 25 s from its file alone, and comes to rest',
  async (asked) => {
    const { stack, mode, dashboard } = asked
    const startedAt = performance.now()
    await byHand(stack, PROJECT).up([], { LB_MODE: mode })
    // Without a route a gateway that has its configuration answers 404; a balancer that trusts nobody answers 503.
    await untilSo('a gateway answers', async () => (await fetch('http://127.0.0.1:9080/')).status === 404, 60_000)
    await untilSo('the Dashboard answers', async () => (await fetch(`${dashboard}/login`)).status === 200, 60_000)
    const serves = performance.now() - startedAt
    await untilSo('every health check passes', areWell, 60_000)
    const healthy = performance.now() - startedAt
    const rest = await restBelow(TARGET)
    console.log(
      `  ${stack}: serves after ${(serves / 1000).toFixed(1)} s, all healthy after ${(healthy / 1000).toFixed(1)} s, rests at ${(100 * rest).toFixed(1)} % of a core`,
    )
    // HTTPS ends at a balancer that reads calls, and at the gateway behind one that forwards connections.
    const secure = await overHttps('https://127.0.0.1:9443/')
    expect({ status: secure.status, endsAtBalancer: secure.issuedTo === 'firedrill balancer' }).toEqual({
      status: 404,
      endsAtBalancer: mode === 'http',
    })
    expect(serves).toBeLessThan(START_LIMIT_MS)
    expect(healthy).toBeLessThan(HEALTHY_LIMIT_MS)
    expect(rest).toBeLessThan(REST_LIMIT)
  },
)
