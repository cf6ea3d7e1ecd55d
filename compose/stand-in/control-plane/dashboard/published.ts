// Publishing services and routes: what a caller sent is checked before the store keeps it.
import type { Operator, Store, Target } from '../store.ts'
import { patched } from './patch.ts'
import { type Published, titleOf } from './published-object.ts'
import { checkBody } from './published-schema.ts'
import { RefusedError } from './refused.ts'

/** The object. Throws RefusedError 404. */
export const readPublished = async ({ published }: Store, target: Target): Promise<Published> => {
  const found = await published.read(target)
  if (found) return found
  throw new RefusedError(404, `${titleOf(target.kind)} ${target.id} is not there`)
}

/** Creates the object, or replaces the one with this id. Throws RefusedError 400 saying which member is wrong. */
export const putPublished = async (
  { published }: Store,
  target: Target,
  candidate: unknown,
  operator: Operator,
): Promise<Published> => await published.put(target, checkBody(target.kind, candidate), operator)

/** Changes parts of the object. Throws RefusedError as the others do. */
export const patchPublished = (
  { published }: Store,
  target: Target,
  patch: unknown,
  operator: Operator,
): Promise<Published> => published.change(target, (before) => checkBody(target.kind, patched(before, patch)), operator)
