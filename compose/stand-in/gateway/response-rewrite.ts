// The plugin response-rewrite, as far as it sets, adds and removes headers of the answer.
import type { Plugins } from './route.ts'

/** Changes a flat list of header names and values in place. */
export type HeaderRewrite = (headers: string[]) => void

interface RewriteConfig {
  readonly headers?: Readonly<Record<string, unknown>>
}

/** The rewrite that the plugins ask for, or undefined when they ask for none. */
export function responseRewrite(plugins: Plugins): HeaderRewrite | undefined {
  const { headers } = (plugins['response-rewrite'] ?? {}) as RewriteConfig
  if (headers === undefined) return undefined
  const { set, add, remove } = operationsOf(headers)
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

/** Since APISIX 3.0 headers are { set, add: ["name: value"], remove }; a plain map, the older form, sets. */
function operationsOf(headers: Readonly<Record<string, unknown>>): Operations {
  const isCurrentForm = ['set', 'add', 'remove'].some(
    (name) => typeof headers[name] === 'object' && headers[name] !== null,
  )
  if (!isCurrentForm) return { set: pairs(headers), add: [], remove: [] }
  const add = Array.isArray(headers.add) ? headers.add.map(String).map(splitLine) : []
  const remove = Array.isArray(headers.remove) ? headers.remove.map(String) : []
  return { set: pairs((headers.set ?? {}) as Readonly<Record<string, unknown>>), add, remove }
}

function pairs(map: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return Object.entries(map).map(([name, value]) => [name, String(value)])
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
