/** What a process had asked of the engine in its last moment comes to be a little after it died: for so many ms nothing may appear. */
export const QUIET_MS = 1500
