// `npm run clean`: heals and removes what runs that died left behind, and nothing of the living.
import { type Cleared, clearDead } from '../fault/clearing.ts'
import { engineAnswers } from '../setup/engine-ready.ts'
import { wordsOf } from './words.ts'

/** What was done about one run, for people. */
export const sayCleared = ({ run, isKept, faults, failed }: Cleared): string => {
  const healed = faults.length > 0 ? `, and undid ${faults.join('; ')}` : ''
  const stuck = failed.length > 0 ? ` (not everything: ${failed.join('; ')})` : ''
  if (isKept) return `left ${run} up${healed}${stuck}`
  return `removed what ${run} had left behind${healed}${stuck}`
}

/** Says what was healed and removed. 3 where a deployment that stays has a fault left; nothing to do is fine. */
export const clean = async (argv: readonly string[]): Promise<number> => {
  wordsOf('clean', argv, { options: {} })
  await engineAnswers()
  const cleared = await clearDead()
  for (const each of cleared) console.log(`It ${sayCleared(each)}.`)
  if (cleared.length === 0) console.log('Nothing of ours is left behind.')
  const isStuck = cleared.some(({ isKept, failed }) => isKept && failed.length > 0)
  return isStuck ? 3 : 0
}
