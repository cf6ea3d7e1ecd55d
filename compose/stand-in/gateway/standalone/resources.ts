// A configuration as one document, resources by type, as apisix.yaml and the fallback's objects have it, and the items it stands for.
import type { Item } from '../etcd-json.ts'

/** `{"routes": [...], "services": [...], ...}`; `plugins` is a list and one item. */
export type Resources = Readonly<Record<string, readonly unknown[]>>

/** Checks that a parsed document is resources by type. Throws, saying what it found. */
export function resourcesOf(document: unknown): Resources {
  if (!isObject(document)) throw new Error(`the document is ${nameOf(document)}, expected resources by type`)
  const listed = Object.entries(document).filter(([, list]) => list !== null)
  for (const [type, list] of listed) {
    if (!Array.isArray(list)) throw new Error(`${type} is ${nameOf(list)}, expected a list`)
    if (type !== 'plugins' && !list.every(isObject)) throw new Error(`${type} has an entry that is no object`)
  }
  return Object.fromEntries(listed) as Resources
}

/** The items a document stands for. One that is as it was before keeps its revision, so that nothing is compiled twice. */
export function itemsOf(
  resources: Resources,
  {
    prefix,
    revision,
    before,
  }: { readonly prefix: string; readonly revision: number; readonly before: readonly Item[] },
): readonly Item[] {
  const known = new Map(before.map((item) => [item.key, item]))
  return Object.entries(resources)
    .flatMap(([type, list]) => keyed(type, list).map(([key, value]) => [`${prefix}/${key}`, value] as const))
    .map(([key, value]) => {
      const old = known.get(key)
      if (old !== undefined && JSON.stringify(old.value) === JSON.stringify(value)) return old
      return { key, value, modifiedIndex: revision, createdIndex: old?.createdIndex ?? revision }
    })
}

/** An entry without an id is named for its place, as APISIX names it; a consumer's id is its user name. */
function keyed(type: string, list: readonly unknown[]): readonly (readonly [string, unknown])[] {
  if (type === 'plugins') return [[type, list]]
  return list.filter(isObject).map((value, index) => {
    const id = value.id ?? value.username ?? `arr_${index + 1}`
    return [`${type}/${String(id)}`, value]
  })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
