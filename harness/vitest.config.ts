// Vitest tests the harness itself: *.test.ts beside the source.
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Rooms whose tests read files and compute: nothing in them goes by the clock. */
const COMPUTING = ['analysis', 'command', 'history', 'report', 'time', 'verdict'].map(
  (room) => `harness/${room}/**/*.test.ts`,
)

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'computing', include: COMPUTING, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      {
        extends: true,
        test: {
          name: 'timed',
          include: ['harness/**/*.test.ts'],
          exclude: COMPUTING,
          // One file at a time: callers are tested against the clock, and a second file would take their processor.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
