// Vitest tests the stand-in and the images too: *.test.ts beside the source, against real PostgreSQL, etcd, Azurite and a browser.
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: join(import.meta.dirname, '..', '..'),
  test: {
    include: ['compose/stand-in/**/*.test.ts', 'compose/images/**/*.test.ts'],
    // They wait for servers more than they compute: two files at a time take little more than half of the time.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
