// A run that died counts as removed once nothing more of it has appeared for so long.

/** What a process had asked of the engine in its last moment comes to be a little after it died, ms. */
export const QUIET_MS = 1500
