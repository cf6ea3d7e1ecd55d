// A harness to be killed: a small deployment, its warden, and faults of every kind at random, until its input closes.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { faultLog } from '../fault/fault-log.ts'
import { createFaults } from '../fault/faults.ts'
import { KINDS_AT_HAND } from '../fault/kinds-at-hand.fixture.ts'
import { startSmallDeployment } from '../fault/kit.fixture.ts'
import { startWarden } from '../fault/warden.ts'
import { openRecorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { seeded } from '../topology/group.ts'

const PAIRS = 2
const HOLD_MOST_MS = 1500

const [seed = '1', subnet = '10.213.88'] = process.argv.slice(2)
const random = seeded(Number(seed))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const deployment = await startSmallDeployment({ pairs: PAIRS, subnet })
const run = deployment.topology.project
const recorder = openRecorder(join(deployment.folder, 'faults.jsonl'), createRedactor([]))
const { clock } = deployment
const faults = createFaults({ recorder, clock, servers: async () => [], log: faultLog(run) })
say(`ready ${run} ${startWarden(run)}`)

let isOver = false
process.stdin.resume().on('end', () => {
  isOver = true
})

/** One fault after the other on one node; most are healed, and one that is not stays until the end. */
const breakOn = (): Promise<void> =>
  deployment.withPair(async ({ target }) => {
    while (!isOver) {
      const at = KINDS_AT_HAND[Math.floor(random() * KINDS_AT_HAND.length)]
      if (!at) return
      const fault = await faults.inject(at.make(deployment), [target])
      say(`in effect ${at.name}`)
      await pause(random() * HOLD_MOST_MS)
      await fault.heal()
      say(`healed ${at.name}`)
    }
  })

await Promise.all(Array.from({ length: PAIRS }, breakOn))
await faults.healAll()
recorder.close()
await deployment.end()
