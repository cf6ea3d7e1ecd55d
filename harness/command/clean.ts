// `npm run clean`: heals and removes what runs that died left behind, and nothing of the living; names what it left alone.
import { type Cleared, clearDead, clearNamed, type LeftAlone, leftAlone } from '../fault/clearing.ts'
import { engineAnswers } from '../setup/engine-ready.ts'
import { wordsOf } from './words.ts'

/** What was done about one run, for people. */
export const sayCleared = ({ run, isKept, faults, failed, remains, afterRestart, elsewhere }: Cleared): string => {
  if (elsewhere !== undefined) return `forgot ${run}, of which nothing was removed on the Docker engine ${elsewhere}`
  if (remains !== undefined) return `could not ${isKept ? 'heal' : 'remove all that is left of'} ${run}: ${remains}`
  const healed = faults.length > 0 ? `, and undid ${faults.join('; ')}` : ''
  const stuck = failed.length > 0 ? ` (not everything: ${failed.join('; ')})` : ''
  if (isKept) return `left ${run} up${healed}${stuck}`
  const once = afterRestart ? ', once the Docker engine was restarted, which held its network for in use' : ''
  return `removed what ${run} had left behind${healed}${stuck}${once}`
}

/** Why one run was left alone, and what to do, for people. */
export const sayLeftAlone = ({ run, life, owner, engine }: LeftAlone): string => {
  if (life === 'elsewhere')
    return `run ${run}: it is on another Docker engine (${engine}). Choose that one (DOCKER_HOST, or \`docker context use\`) to remove it; where that engine is no more, \`npm run clean -- ${run}\` forgets the run`
  const whose = owner ? `run ${run} of ${owner.user} on ${owner.host}` : `run ${run}, which does not say whose it is`
  if (life === 'alive') return `${whose}: it lives (process ${owner?.pid})`
  const why = owner?.stays ? 'it may be meant to stay' : 'whether it lives cannot be seen from here'
  return `${whose}: ${why}. \`npm run clean -- ${run}\` removes it all the same`
}

/** Says what was healed, removed and left alone. 3 where something would not go, or a deployment that stays has a fault left; nothing to do is fine. */
export const clean = async (argv: readonly string[]): Promise<number> => {
  const { positionals } = wordsOf('clean', argv, { options: {}, names: 'names of runs' })
  await engineAnswers()
  const cleared = positionals.length > 0 ? await clearNamed(positionals) : await clearDead()
  const alone = await leftAlone()
  for (const each of cleared) console.log(`It ${sayCleared(each)}.`)
  for (const each of alone) console.log(`Left alone: ${sayLeftAlone(each)}.`)
  if (cleared.length === 0 && alone.length === 0) console.log('Nothing of ours is left behind.')
  const isStuck = cleared.some(({ isKept, failed, remains }) => remains !== undefined || (isKept && failed.length > 0))
  return isStuck ? 3 : 0
}
