// The drills that prove the harness: real deployments, healthy and with planted defects, one at a time.
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { isWhole } from './sample.ts'

export default defineConfig({
  root: join(import.meta.dirname, '..', '..'),
  test: {
    include: ['harness/proof/*.proof.ts'],
    // Two minutes for one drill: the fault it plays is tested on real containers in any case.
    exclude: isWhole ? [] : ['harness/proof/upgrade.proof.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 8 * 60_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
  },
})
