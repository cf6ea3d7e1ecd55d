// A store with one writer and gateways that follow it, in memory: what was written, carried out, and shown.
import type { Sight, Write } from './acknowledged.ts'
import { randomOf } from './history.fixture.ts'

/** Something that a store does and must not, to a write that was accepted. */
export type Harm = 'forget' | 'twice' | 'never'

export interface StoreSpec {
  readonly seed: number
  readonly writes: number
  readonly keys?: number
  readonly nodes?: number
  /** The share of writes that nobody answers. */
  readonly unknownShare?: number
  /** How far behind a gateway may be, ms. */
  readonly lagMs?: number
  /** Done to the last write of key 0 that sets a value. */
  readonly harm?: Harm
  /** Again and again it forgets what it carried out last and nobody answered. */
  readonly failsOver?: boolean
}

interface Done {
  readonly at: number
  readonly write: Write
}

const STEP_MS = 20

/** What comes of it; `end` is when gateways were last looked at. */
export const storeOf = (spec: StoreSpec): { writes: readonly Write[]; sights: readonly Sight[]; end: number } => {
  const { seed, nodes = 3, lagMs = 200 } = spec
  const random = randomOf(seed)
  const writes = writesOf(spec, random)
  const end = (writes.at(-1)?.sentAt ?? 0) + 10 * lagMs + 5000
  const done = logOf(writes, spec, random)
  const log = spec.failsOver ? withFailovers(done, random) : done
  const sights = Array.from({ length: nodes }, (_, n) =>
    shownBy(`gateway-${n + 1}`, log, { end, lagMs, random }),
  ).flat()
  return { writes, sights, end }
}

const writesOf = ({ writes, keys = 3, unknownShare = 0.1 }: StoreSpec, random: () => number): readonly Write[] => {
  let at = 1000
  return Array.from({ length: writes }, (_, i): Write => {
    at += 5 + 60 * random()
    const sentAt = at
    at += 1 + 10 * random()
    const isUnknown = random() < unknownShare
    const value = random() < 0.2 ? null : `v${i}`
    const key = `key-${Math.floor(random() * keys)}`
    return {
      id: `w${i}`,
      key,
      value,
      sentAt,
      endedAt: isUnknown ? null : at,
      outcome: isUnknown ? 'unknown' : 'accepted',
    }
  })
}

/** In the order in which the store carried them out; one that nobody answered maybe later, maybe never. */
const logOf = (writes: readonly Write[], { harm }: StoreSpec, random: () => number): readonly Done[] => {
  const victim = writes.findLast(
    ({ key, value, outcome }) => key === 'key-0' && value !== null && outcome === 'accepted',
  )
  const log = writes.flatMap((write): readonly Done[] => {
    if (write.outcome === 'unknown') return random() < 0.5 ? [{ at: write.sentAt + 3000 * random(), write }] : []
    const done = { at: write.sentAt + random() * ((write.endedAt ?? 0) - write.sentAt), write }
    if (write !== victim || harm === undefined) return [done]
    if (harm === 'never') return []
    const more = { at: (writes.at(-1)?.endedAt ?? 0) + 4000, write }
    const gone = { at: more.at - 500, write: { ...write, value: null } }
    return harm === 'forget' ? [done, gone] : [done, gone, more]
  })
  return log.toSorted((a, b) => a.at - b.at)
}

/** After every other write all that nobody answered is gone since the last that somebody did: its keys are back at what they were. */
const withFailovers = (log: readonly Done[], random: () => number): readonly Done[] => {
  const kept: Done[] = []
  return log.flatMap((done, i): readonly Done[] => {
    kept.push(done)
    if (random() < 0.5) return [done]
    const gone = kept.splice(kept.findLastIndex(({ write }) => write.outcome !== 'unknown') + 1)
    const at = (done.at + (log[i + 1]?.at ?? done.at + 1000)) / 2
    const back = [...new Set(gone.map(({ write }) => write.key))].map((key): Done => {
      const before = kept.findLast(({ write }) => write.key === key)
      return { at, write: before?.write ?? { ...done.write, key, value: null } }
    })
    return [done, ...back]
  })
}

/** A gateway that is behind by a lag that changes, and never goes back; looked at again and again. */
const shownBy = (
  node: string,
  log: readonly Done[],
  { end, lagMs, random }: { end: number; lagMs: number; random: () => number },
): readonly Sight[] => {
  const sights: Sight[] = []
  const now = new Map<string, { value: string | null; from: number }>()
  let [next, known] = [0, 0]
  for (const { write } of log) now.set(write.key, { value: null, from: 0 })
  const show = (key: string, value: string | null, at: number): void => {
    const was = now.get(key)
    if (was?.value === value) return
    if (was) sights.push({ node, key, value: was.value, from: was.from, to: at - STEP_MS })
    now.set(key, { value, from: at })
  }
  for (let at = STEP_MS; at <= end; at += STEP_MS) {
    known = Math.max(known, at - lagMs * random())
    const values = new Map<string, string | null>()
    for (; next < log.length && (log[next]?.at ?? Infinity) <= known; next += 1) {
      const done = log[next]
      if (done) values.set(done.write.key, done.write.value)
    }
    for (const [key, value] of values) show(key, value, at)
  }
  for (const [key, { value, from }] of now) sights.push({ node, key, value, from, to: end })
  return sights
}
