// Vitest tests the harness itself: *.test.ts beside the source.
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    include: ['harness/**/*.test.ts'],
    // One file at a time: callers are tested against the clock, and a second file would take their processor.
    maxWorkers: 1,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
