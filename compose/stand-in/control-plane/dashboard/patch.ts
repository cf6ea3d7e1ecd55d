// PATCH in its two documented forms: a JSON Patch array (RFC 6902), and a partial object (RFC 7396).
import jsonPatch, { type Operation } from 'fast-json-patch'
import { RefusedError } from './refused.ts'

/** The document with the patch applied; the document itself is not touched. Throws RefusedError 400. */
export const patched = (document: object, patch: unknown): unknown =>
  Array.isArray(patch) ? withOperations(document, patch) : mergedWith(document, partialObject(patch))

const withOperations = (document: object, operations: Operation[]): unknown => {
  try {
    return jsonPatch.applyPatch(document, operations, true, false).newDocument
  } catch (error) {
    if (!(error instanceof jsonPatch.JsonPatchError)) throw error
    throw new RefusedError(400, `the JSON Patch cannot be applied: ${error.name} at operation ${error.index ?? 0}`)
  }
}

const partialObject = (patch: unknown): object => {
  if (isObject(patch)) return patch
  throw new RefusedError(400, 'expected a JSON Patch array or a partial object')
}

/** Null removes a member, objects merge, everything else replaces. */
const mergedWith = (document: object, patch: object): object => {
  const members = new Map<string, unknown>(Object.entries(document))
  for (const [name, value] of Object.entries(patch)) {
    const before = members.get(name)
    if (value === null) members.delete(name)
    else members.set(name, isObject(value) ? mergedWith(isObject(before) ? before : {}, value) : value)
  }
  return Object.fromEntries(members)
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
