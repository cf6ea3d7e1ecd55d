// A program that isolates one container and stays: for tests that kill whoever holds the helper's input.

import { clockSince } from '../../time/clock.ts'
import { networkOver } from './docker.ts'
import { ISOLATE } from './in-memory.fixture.ts'

const [run = '', container = ''] = process.argv.slice(2)
const { network } = networkOver({
  run,
  clock: clockSince(),
  probe: () => Promise.reject(new Error('Nobody looks here.')),
})
await network.impose(container, ISOLATE)
process.stdout.write('imposed\n')
setInterval(() => {}, 60_000)
