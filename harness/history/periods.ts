// Periods that recording keeps and judging relies on: one number for both sides.

/** The heart of the operator's session beats four times a second. */
export const HEARTBEAT_EVERY_MS = 250

/** Balancers are looked at ten times a second: what they thought is known to this. */
export const ROTATION_LOOK_EVERY_MS = 100

/** Steady state is believed when everything has held for so long: the baseline that everything is compared with. */
export const STEADY_HELD_MS = 5000

/** How long after the last fault cleared callers go on, and latencies are still judged; lost calls as long as the script goes on. */
export const TAIL_MS = 10_000

/**
 * And how long after the last node came back into rotation, where that is later: what it loses then is judged too, and at 60 calls/s and
 * three gateways a hundred calls each show how evenly they are spread.
 */
export const AFTER_ADMISSION_MS = 5000
