// The cross-check of a full outage: its length by the clock against its length by the calls it cost (RFC 6412's two estimates).
import type { Measured } from './analysis.ts'

/** The two may differ by this share of the length, */
const SLACK = 0.1

/** or by as much as the bounds are apart: what the clock itself does not know proves nothing against the calls. */
export const estimatesDisagree = (length: Measured, lossDerivedMs: number): boolean =>
  Math.abs(lossDerivedMs - length.point) > Math.max(SLACK * length.point, length.max - length.min)
