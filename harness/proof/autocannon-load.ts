// Loads a server with autocannon until its input closes, then prints when nobody was answered for 5 ms or more.
import { once } from 'node:events'
import { monotonicMs } from '../time/clock.ts'
import { autocannon } from '../traffic/caller/saturate.ts'

/** What came of it; ms on CLOCK_MONOTONIC. */
export interface Cannonade {
  /** Between two successes each. */
  readonly gaps: readonly (readonly [from: number, to: number])[]
  readonly answered: number
  /** Its own `reqError` events, and answers other than 200. */
  readonly failed: number
}

const GAP_MS = 5
const LONGEST_S = 3600

const main = async (url: string, overallRate: number): Promise<void> => {
  const gaps: (readonly [number, number])[] = []
  let last = monotonicMs()
  let [answered, failed] = [0, 0]
  const load = autocannon({ url, overallRate, connections: 10, duration: LONGEST_S }, () => {})
  load.on('response', (_, status) => {
    if (status !== 200) {
      failed += 1
      return
    }
    const now = monotonicMs()
    if (now - last >= GAP_MS) gaps.push([last, now])
    last = now
    answered += 1
  })
  load.on('reqError', () => {
    failed += 1
  })
  await once(process.stdin.resume(), 'end')
  gaps.push([last, monotonicMs()])
  process.stdout.write(JSON.stringify({ gaps, answered, failed } satisfies Cannonade), () => process.exit(0))
}

if (import.meta.main) await main(process.argv[2] ?? '', Number(process.argv[3]))
