// How old the fallback's configuration was when a gateway started from it: since its writer last said that it had written.
import type { History } from '../history/history.ts'
import type { FaultAnalysis } from './analysis.ts'

/** Of one gateway that was told to start from the store. */
export interface StoreAge {
  readonly faultId: string
  readonly node: string
  /** Who writes the store. */
  readonly writer: string
  /** When the gateway was started, at the earliest: what is written later it may have read or not. */
  readonly at: number
  /** When the last backup before that was written; null where none was on record. */
  readonly writtenAt: number | null
}

/** The vendor's backup node says so after both of its objects are in the store. */
const WRITTEN = /backup written/

/** One for each gateway, in the order in which they were started. Stamps are the engine's, on the run's axis to a few ms. */
export const storeAges = (faults: readonly FaultAnalysis[], log: History['log']): readonly StoreAge[] =>
  faults.flatMap(({ id, kind, asked, targets, inEffectAt, inEffectBounds }) => {
    const writer = asked?.writer
    if (kind !== 'reconfigure' || typeof writer !== 'string' || inEffectAt === null) return []
    const at = inEffectBounds?.[0] ?? inEffectAt
    const written = log.filter(
      (line) => line.file.endsWith(`/${writer}.log`) && line.at <= at && WRITTEN.test(line.text),
    )
    return targets.map((node) => ({ faultId: id, node, writer, at, writtenAt: written.at(-1)?.at ?? null }))
  })
