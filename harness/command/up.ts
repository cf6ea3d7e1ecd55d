// `npm run up` and `npm run down`: a deployment to look around in.
import { clearDead, leftAlone } from '../fault/clearing.ts'
import { startWarden } from '../fault/warden.ts'
import { type Options, optionsFrom } from '../options.ts'
import { engineAnswers } from '../setup/engine-ready.ts'
import { refuseUnforwarded } from '../setup/far-engine.ts'
import { nameOfUp } from '../setup/run-name.ts'
import { bringUp } from '../stage/deployment.ts'
import { filesOf, portsOf } from '../topology/compose.ts'
import { elsewhereAmong, nameOfEngine } from '../topology/engine-id.ts'
import { withEngineUnstuck } from '../topology/engine-restart.ts'
import { endLease, leases, takeLease } from '../topology/lease.ts'
import { remove } from '../topology/residue.ts'
import type { Topology } from '../topology/topology.ts'
import { addressesOf } from './addresses.ts'
import { sayCleared, sayLeftAlone } from './clean.ts'
import { makeReady, readyVariables } from './ready.ts'
import { wordsOf } from './words.ts'

/** The flags of `up`. */
export const OPTIONS = { stack: { type: 'string' }, defect: { type: 'string' } } as const

const variablesFrom = (argv: readonly string[]): Record<string, string> => {
  const { values } = wordsOf('up', argv, { options: OPTIONS })
  return {
    ...(values.stack !== undefined && { FIREDRILL_STACK: values.stack }),
    ...(values.defect !== undefined && { FIREDRILL_DEFECT: values.defect }),
  }
}

/** It stays once it is up; until then it is this process's, and goes with it: whoever cleans meanwhile leaves it alone. */
const broughtUp = async (options: Options): Promise<Topology> => {
  const { run, subnet } = options
  await takeLease({ run, kind: 'drill', subnet })
  await startWarden(run)
  const topology = await bringUp({ ...options, keep: true }).catch(async (error: unknown) => {
    // What would not go is dead with this process, by its lease: the next command clears it.
    await remove(run).then(
      () => endLease(run),
      (left: Error) => console.log(`  Not everything of it was removed: ${left.message}`),
    )
    throw error
  })
  await takeLease({ run, kind: 'up', subnet })
  return topology
}

/** Brings a deployment up that stays until `down`, and prints where to look and how to sign in. */
export const up = async (argv: readonly string[]): Promise<number> => {
  const asked = { ...process.env, ...variablesFrom(argv), FIREDRILL_RUN: nameOfUp() }
  // Before anything is made ready: what cannot be meant, or never be reached, is told at once.
  await refuseUnforwarded(Object.values(await portsOf(await filesOf(optionsFrom(asked)), asked)))
  const prepared = await makeReady(['engine', 'compose', 'images'])
  for (const cleared of await clearDead()) console.log(`  It ${sayCleared(cleared)}`)
  for (const left of await leftAlone()) console.log(`  Left alone: ${sayLeftAlone(left)}`)
  const options = optionsFrom({ ...asked, ...readyVariables(prepared) })
  const topology = await broughtUp(options)
  const { dashboard, gateway } = addressesOf(topology)
  console.log(`\n${options.stack} is up (run ${options.run}).`)
  console.log(
    `  Dashboard  ${dashboard}   sign in as ${options.username}${options.password === 'admin' ? ' / admin' : ''}`,
  )
  console.log(`  gateway    ${gateway}`)
  for (const node of topology.nodes)
    console.log(
      `  ${node.name.padEnd(24)} ${node.role.padEnd(14)} zone ${node.zone.padEnd(8)} ${node.containers.map((each) => each.address).join(' ')}`,
    )
  console.log('  `npm run down` removes it.')
  return 0
}

/** Removes every `up` deployment of this user on the engine that answers. 3 where one would not go, or is on another engine. */
export const down = async (argv: readonly string[]): Promise<number> => {
  wordsOf('down', argv, { options: {} })
  const standing = (await leases()).filter((lease) => lease.kind === 'up')
  if (standing.length > 0) await engineAnswers()
  const others = await elsewhereAmong(standing)
  for (const lease of others)
    console.log(
      `Left alone: ${sayLeftAlone({ run: lease.run, life: 'elsewhere', owner: null, engine: nameOfEngine(lease) })}.`,
    )
  const removals: boolean[] = []
  for (const { run } of standing.filter((lease) => !others.includes(lease))) removals.push(await isTakenDown(run))
  if (standing.length === 0) console.log('Nothing is up.')
  return others.length > 0 || removals.includes(false) ? 3 : 0
}

/** One that would not go stays up by its lease, so that `down` finds it again. */
const isTakenDown = async (run: string): Promise<boolean> => {
  try {
    await withEngineUnstuck(run, () => remove(run))
    await endLease(run)
    console.log(`Removed ${run}.`)
    return true
  } catch (error) {
    console.log(`Not all of ${run} was removed, and \`npm run down\` tries again: ${(error as Error).message}`)
    return false
  }
}
