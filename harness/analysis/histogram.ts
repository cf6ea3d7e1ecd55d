// Latencies counted in HdrHistogram's buckets of three digits, over whole µs, and their log. The one door to hdr-histogram-js.
import { build, HistogramLogWriter, type Histogram as Library } from 'hdr-histogram-js'
import type { Histogram, Latency } from './analysis.ts'

/** Below this every µs has a bucket of its own; above, a bucket is at most a thousandth of its value wide. */
const EXACT_US = 2048
const HALF = EXACT_US / 2
const HALF_BITS = 10

/** Buckets up to the largest u32, 71 minutes. */
const BUCKETS = 23 * HALF

/**
 * A count of latencies: 94 kB each, so for phases and nodes, never for the steps of a timeline. The library's own recordValue
 * takes 45 ns; ten million calls pass a count several times, and adding to an array of the same buckets takes 3.
 */
export interface LatencyCount {
  /** Adds one, in µs. */
  add(us: number): void
  /** Adds all that another one counted. */
  addAll(other: LatencyCount): void
  /** What was added, in ms; null when nothing was. */
  read(): Latency | null
  /** The buckets that are not empty: the least value of each, in µs, and how many fell into it. */
  buckets(): Buckets
}

type Buckets = Pick<Histogram, 'us' | 'counts'>

/** A new count. */
export const latencyCount = (): LatencyCount => {
  const counts = new Uint32Array(BUCKETS)
  let mostUs = -1
  const add = (us: number, times = 1): void => {
    // The columns hold whole µs; a length that was worked out may have a fraction, or be below nought by one.
    const whole = us > 0 ? Math.round(us) : 0
    const i = bucketOf(whole)
    counts[i] = (counts[i] ?? 0) + times
    if (whole > mostUs) mostUs = whole
  }
  const buckets = (): Buckets => bucketsOf(counts, mostUs)
  return {
    add: (us) => add(us),
    addAll: (other) => {
      const { us, counts: times } = other.buckets()
      for (let k = 0; k < us.length; k += 1) add(us[k] ?? 0, times[k] ?? 0)
    },
    read: () => latencyOf(buckets()),
    buckets,
  }
}

const bucketOf = (us: number): number => {
  if (us < EXACT_US) return us
  const shift = 31 - Math.clz32(us) - HALF_BITS
  return shift * HALF + (us >>> shift)
}

const leastIn = (bucket: number): number => {
  if (bucket < EXACT_US) return bucket
  const shift = Math.floor(bucket / HALF) - 1
  return (bucket - shift * HALF) * 2 ** shift
}

/** The greatest value ever added keeps its own µs, so that a maximum is exact. */
const bucketsOf = (counted: Uint32Array, mostUs: number): Buckets => {
  const us: number[] = []
  const counts: number[] = []
  for (let i = 0; i < counted.length; i += 1) {
    const times = counted[i] ?? 0
    if (times === 0) continue
    us.push(leastIn(i))
    counts.push(times)
  }
  const least = us.at(-1) ?? mostUs
  if (least === mostUs) return { us, counts }
  const times = counts.pop() ?? 1
  if (times === 1) us.pop()
  return times === 1
    ? { us: [...us, mostUs], counts: [...counts, 1] }
    : { us: [...us, mostUs], counts: [...counts, times - 1, 1] }
}

/** Percentiles of what was counted, in ms; null of nothing. */
export const latencyOf = (buckets: Buckets): Latency | null => {
  const histogram = libraryOf(buckets)
  // An empty histogram answers 0 and 9e15: not a latency.
  if (histogram.totalCount === 0) return null
  // A percentile names the end of its bucket, which may lie just above the greatest value ever added.
  const ms = (percentile: number): number =>
    Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue) / 1000
  return {
    count: histogram.totalCount,
    p50: ms(50),
    p90: ms(90),
    p99: ms(99),
    p999: ms(99.9),
    max: histogram.maxValue / 1000,
  }
}

const libraryOf = ({ us, counts }: Buckets): Library => {
  const histogram = build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: 3,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    autoResize: true,
  })
  for (let k = 0; k < us.length; k += 1) histogram.recordValueWithCount(us[k] ?? 0, counts[k] ?? 0)
  return histogram
}

/**
 * The histograms as an HdrHistogram log, version 1.3, in µs: a line each, tagged `lane=…/phase=…`, or `lane=…/phase=…/node=…` for
 * the part that joins to a node. Instants are seconds since the run began; `startedAt` is ISO 8601.
 */
export const latencyLog = (histograms: readonly Histogram[], startedAt: string): string => {
  const lines: string[] = []
  const writer = new HistogramLogWriter((line) => lines.push(line))
  writer.outputLogFormatVersion()
  writer.outputComment(`[StartTime: ${(Date.parse(startedAt) / 1000).toFixed(3)} (seconds since epoch), ${startedAt}]`)
  writer.outputComment('Microseconds from the scheduled instant; an unanswered call counts as its deadline.')
  writer.outputLegend()
  for (const each of histograms) {
    const histogram = libraryOf(each)
    histogram.tag = tagOf(each)
    // The third field is the maximum in ms, as in every such log.
    writer.outputIntervalHistogram(histogram, each.window[0] / 1000, each.window[1] / 1000, 1000)
  }
  return lines.join('')
}

const tagOf = ({ lane, phase, node }: Histogram): string =>
  // A comma or a blank would end the tag.
  [`lane=${lane}`, `phase=${phase}`, ...(node === null ? [] : [`node=${node}`])].join('/').replace(/[\s,]/g, '_')
