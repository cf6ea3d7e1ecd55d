// `npm run clean`: removes what runs that died left behind, and nothing of the living.
import { clean as cleanUp } from '../topology/residue.ts'

/** Says what was removed. Always exit code 0: nothing to do is fine. */
export const clean = async (): Promise<number> => {
  const left = await cleanUp()
  for (const run of left) console.log(`Removed what ${run} had left behind.`)
  if (left.length === 0) console.log('Nothing of ours is left behind.')
  return 0
}
