// Vitest tests the harness itself: *.test.ts beside the source.
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    include: ['harness/**/*.test.ts', 'compose/stand-in/**/*.test.ts'],
    // Two cores: more files at once only makes the timing tests lie to each other.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
