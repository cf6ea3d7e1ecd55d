// How long nothing of a run that died may appear before it counts as removed.

/** What a process had asked of the engine in its last moment comes to be a little after it died, ms. */
export const QUIET_MS = 1500
