// Setting, adding and removing headers, as response-rewrite and proxy-rewrite are written.

/** Changes a flat list of header names and values in place. */
export type HeaderRewrite = (headers: string[]) => void

/** Throws a sentence when a value has a variable, which the stand-in cannot resolve. */
export function headerRewrite(headers: Readonly<Record<string, unknown>>): HeaderRewrite {
  const { set, add, remove } = operationsOf(headers)
  const variable = [...set, ...add].find(([, value]) => value.includes('$'))
  if (variable !== undefined) throw new Error(`header ${variable[0]} has a variable, which the stand-in cannot resolve`)
  const dropped = new Set([...remove, ...set.map(([name]) => name)].map((name) => name.toLowerCase()))
  const appended = [...set, ...add].flat()
  return (flat) => {
    drop(flat, dropped)
    flat.push(...appended)
  }
}

interface Operations {
  readonly set: readonly (readonly [string, string])[]
  readonly add: readonly (readonly [string, string])[]
  readonly remove: readonly string[]
}

/** Since APISIX 3.0 headers are { set, add, remove }; a plain map, the older form, sets. `add` is a list of lines or a map. */
function operationsOf(headers: Readonly<Record<string, unknown>>): Operations {
  const isCurrentForm = ['set', 'add', 'remove'].some(
    (name) => typeof headers[name] === 'object' && headers[name] !== null,
  )
  if (!isCurrentForm) return { set: pairs(headers), add: [], remove: [] }
  const remove = Array.isArray(headers.remove) ? headers.remove.map(String) : []
  return { set: pairs(headers.set), add: lines(headers.add), remove }
}

function lines(add: unknown): readonly (readonly [string, string])[] {
  return Array.isArray(add) ? add.map(String).map(splitLine) : pairs(add)
}

function pairs(map: unknown): readonly (readonly [string, string])[] {
  return Object.entries((map ?? {}) as Readonly<Record<string, unknown>>).map(([name, value]) => [name, String(value)])
}

function splitLine(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
}

function drop(flat: string[], names: ReadonlySet<string>): void {
  let kept = 0
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] ?? ''
    if (names.has(name.toLowerCase())) continue
    flat[kept] = name
    flat[kept + 1] = flat[index + 1] ?? ''
    kept += 2
  }
  flat.length = kept
}
