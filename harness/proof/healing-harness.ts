// A harness to be killed: a small deployment, its warden, and faults of every kind at random, until its input closes.
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { faultLog } from '../fault/fault-log.ts'
import { createFaults } from '../fault/faults.ts'
import { KINDS_AT_HAND } from '../fault/kinds-at-hand.fixture.ts'
import { startSmallDeployment } from '../fault/kit.fixture.ts'
import { startWarden } from '../fault/warden.ts'
import { openRecorder } from '../history/recorder.ts'
import { createRedactor } from '../history/redact.ts'
import { FaultError } from '../time/errors.ts'
import { seeded } from '../topology/group.ts'
import type { Node } from '../topology/topology.ts'

const PAIRS = 2
const HOLD_MOST_MS = 1500

const [seed = '1', subnet = '10.213.88'] = process.argv.slice(2)
const random = seeded(Number(seed))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const deployment = await startSmallDeployment({ pairs: PAIRS, subnet })
const run = deployment.topology.project
const recorder = openRecorder(join(deployment.folder, 'faults.jsonl'), createRedactor([]))
const { clock } = deployment
say(`ready ${run} ${await startWarden(run)}`)

let isOver = false
process.stdin.on('end', () => {
  isOver = true
})
// Whoever kills it looks at the nodes first, and says so.
await once(process.stdin, 'data')

/** One fault of a kind drawn at random, from its intent to its heal. One that is called out is healed like any other. */
const breakOnce = async (target: Node): Promise<void> => {
  const at = KINDS_AT_HAND[Math.floor(random() * KINDS_AT_HAND.length)]
  if (!at) return
  const what = `${at.name} of ${target.name}`
  // Each counts its faults anew: in one log, the first of a kind on one node would be taken for the first on another.
  const faults = createFaults({ recorder, clock, servers: async () => [], log: faultLog(run) })
  say(`begun ${what}`)
  try {
    const fault = await faults.inject(at.make(deployment), [target])
    say(`in-effect ${what}`)
    await pause(random() * HOLD_MOST_MS)
    say(`healing ${what}`)
    await fault.heal()
  } catch (error) {
    // The machine may be too busy for a witness; what is proven here is that it is healed.
    if (!(error instanceof FaultError)) throw error
  } finally {
    await faults.healAll()
  }
  say(`healed ${what}`)
}

const breakOn = (): Promise<void> =>
  deployment.withPair(async ({ target }) => {
    while (!isOver) await breakOnce(target)
  })

await Promise.all(Array.from({ length: PAIRS }, breakOn))
await deployment.network.network.settled()
recorder.close()
await deployment.end()
