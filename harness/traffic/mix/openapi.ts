// An OpenAPI 3 description: the reads it promises, each with the values that it gives as examples.
import type { RequestOrder, StatusRange } from '../caller/protocol.ts'
import { callsError, headerFault, isPath, type LeftOut, NOT_TO_SEND, pathAlone } from './mix.ts'

type Fields = Readonly<Record<string, unknown>>

/** The description, and the file that it was read from. */
interface Described {
  readonly file: string
  readonly document: Fields
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required?: boolean
  readonly style?: string
  readonly explode?: boolean
  readonly example?: unknown
  readonly examples?: unknown
  readonly schema?: unknown
}

/**
 * Its GET operations, but those with a required parameter of which it gives no value, and those that ask who is calling. An answer is
 * as expected with a status of 200 to 399 that it lists; any of 200 to 299 where it lists none.
 * Throws ScenarioError ERR_CALLS on what no description holds.
 */
export const openapiRequests = (
  file: string,
  description: unknown,
): { readonly requests: readonly RequestOrder[]; readonly leftOut: readonly LeftOut[] } => {
  const described: Described = { file, document: fields(description) }
  const requests: RequestOrder[] = []
  const leftOut: LeftOut[] = []
  for (const [template, declared] of Object.entries(fields(described.document.paths))) {
    const item = resolved(described, declared)
    if (item === null) leftOut.push({ what: template, because: `this file does not hold its $ref ${refOf(declared)}` })
    if (item?.get === undefined) continue
    const read = requestOf(described, { template, item, operation: fields(item.get) })
    if (typeof read === 'string') leftOut.push({ what: `GET ${template}`, because: read })
    else requests.push(read)
  }
  return { requests, leftOut }
}

interface Read {
  readonly template: string
  readonly item: Fields
  readonly operation: Fields
}

/** The request, or why nobody can make it. */
const requestOf = (described: Described, read: Read): RequestOrder | string => {
  const { template, item, operation } = read
  if (asksWho(described, read)) return 'it asks for credentials, which a profile may hold'
  const parameters = parametersOf(described, item, operation)
  if (typeof parameters === 'string') return parameters
  const bound = parameters.map((each) => [each, boundTo(described, each)] as const)
  const unbound = bound.find(([{ required, in: where }, value]) => value === null && (required || where === 'path'))
  if (unbound) return `its parameter ${unbound[0].name} has no example`
  const odd = bound.find(([{ in: where, style = STYLES[where] }, value]) => value && style !== STYLES[where])
  if (odd) return `nobody writes its parameter ${odd[0].name} as ${odd[0].style}`
  const inPath = bound.filter(([each]) => each.in === 'path')
  const path = template.replaceAll(/\{([^{}]+)\}/g, (braces, name) => {
    const value = inPath.find(([each]) => each.name === name)?.[1]
    return value ? encodeURIComponent(value.join(',')) : braces
  })
  if (/[{}]/.test(path)) return 'its path names a parameter that it does not describe'
  const query = bound.flatMap(([each, value]) => (each.in === 'query' && value ? pairsOf(each, value) : []))
  const search = query.length > 0 ? `?${new URLSearchParams(query)}` : ''
  const headers = headersOf(bound)
  const whole = `${basePath(described, item, operation)}${path}${search}`
  const at = `GET ${template}`
  if (!isPath(whole))
    throw callsError(described.file, {
      at,
      expected: "a path from '/' on, its odd characters encoded",
      got: pathAlone(whole),
    })
  for (const [name, value] of Object.entries(headers)) {
    const fault = headerFault(name, value)
    if (fault) throw callsError(described.file, { ...fault, at: `${at}, ${fault.at}` })
  }
  return {
    method: 'GET',
    path: whole,
    headers,
    expectStatuses: statusesOf(operation),
    expectEcho: false,
    weight: 1,
  }
}

/** Security may be asked for by the operation or by the whole description; `{}` among the choices means that nobody has to. */
const asksWho = ({ file, document }: Described, { template, operation }: Read): boolean => {
  const choices = operation.security ?? document.security ?? []
  if (!Array.isArray(choices) || choices.some((choice) => choice === null || typeof choice !== 'object'))
    throw callsError(file, { at: `GET ${template}, security`, expected: 'a list of objects', got: choices })
  return choices.length > 0 && !choices.some((choice) => Object.keys(choice).length === 0)
}

/** How a parameter of each place is written where nothing is said: the only way that it is written here. */
const STYLES: Readonly<Record<Parameter['in'], string>> = {
  path: 'simple',
  query: 'form',
  header: 'simple',
  cookie: 'form',
}

/** The operation's own stand for those of its path with the same name and place; or why nobody knows them all. */
const parametersOf = (described: Described, item: Fields, operation: Fields): readonly Parameter[] | string => {
  const parameters = new Map<string, Parameter>()
  const all = [item.parameters, operation.parameters].flatMap((list) => (Array.isArray(list) ? list : []))
  for (const declared of all) {
    const parameter = resolved(described, declared) as Parameter | null
    if (parameter === null) return `this file does not hold the $ref ${refOf(declared)} of a parameter`
    parameters.set(`${parameter.in} ${parameter.name}`, parameter)
  }
  return [...parameters.values()]
}

/** The values that the description gives for a parameter, as text; null where it gives none, or an object. Optional ones need an example of their own. */
const boundTo = (described: Described, parameter: Parameter): readonly string[] | null => {
  const { examples, required, in: where } = parameter
  const [first] = Object.values(fields(examples))
  const own = parameter.example ?? fields(resolved(described, first)).value
  const value =
    own ?? (required || where === 'path' ? fromSchema(fields(resolved(described, parameter.schema))) : undefined)
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (values.length === 0 || values.some((each) => !['string', 'number', 'boolean'].includes(typeof each))) return null
  // Half of a character can be written in JSON, and sent nowhere.
  return values.map((each) => String(each).toWellFormed())
}

const fromSchema = (schema: Fields): unknown => {
  const first = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined)
  return schema.example ?? first(schema.examples) ?? schema.default ?? schema.const ?? first(schema.enum)
}

const pairsOf = ({ name, explode = true }: Parameter, value: readonly string[]): [string, string][] =>
  explode ? value.map((each) => [name, each]) : [[name, value.join(',')]]

const headersOf = (bound: readonly (readonly [Parameter, readonly string[] | null])[]): Record<string, string> => {
  const of = (where: Parameter['in']) =>
    bound.flatMap(([each, value]) => (each.in === where && value ? [[each.name, value.join(',')] as const] : []))
  const cookies = of('cookie').map(([name, value]) => `${name}=${value}`)
  const sent = of('header').map(([name, value]) => [String(name).toLowerCase(), value] as const)
  return {
    ...Object.fromEntries(sent.filter(([name]) => !NOT_TO_SEND.has(name))),
    ...(cookies.length > 0 ? { cookie: cookies.join('; ') } : {}),
  }
}

/** Only those that are a success: whoever expects an error is answered best by a deployment that is down. */
const statusesOf = ({ responses }: Fields): readonly (number | StatusRange)[] => {
  const successes = Object.keys(fields(responses)).flatMap((key): readonly (number | StatusRange)[] => {
    if (/^[23]\d\d$/.test(key)) return [Number(key)]
    return /^[23]XX$/i.test(key) ? [key.toLowerCase() as StatusRange] : []
  })
  return successes.length > 0 ? successes : ['2xx']
}

/** The path of the first server, its variables at their defaults. */
const basePath = ({ document }: Described, item: Fields, operation: Fields): string => {
  const [server] = [operation.servers, item.servers, document.servers].flatMap((list) =>
    Array.isArray(list) ? list.slice(0, 1) : [],
  )
  const { url = '/', variables } = fields(server)
  const text = String(url).replaceAll(/\{([^{}]+)\}/g, (_, name) =>
    String(fields(fields(variables)[name]).default ?? ''),
  )
  return (URL.parse(text, 'http://deployment/')?.pathname ?? '/').replace(/\/+$/, '')
}

const fields = (value: unknown): Fields => (value !== null && typeof value === 'object' ? (value as Fields) : {})

const MOST_STEPS = 10

/** What a value is, past its references within the document; null where they lead elsewhere, nowhere or in a circle. */
const resolved = ({ file, document }: Described, value: unknown): Fields | null => {
  let at = fields(value)
  for (let step = 0; typeof at.$ref === 'string'; step += 1) {
    if (step === MOST_STEPS || !at.$ref.startsWith('#/')) return null
    const names = at.$ref.slice(2).split('/')
    const decoded = names.map((name) => decodedIn(file, name).replaceAll('~1', '/').replaceAll('~0', '~'))
    const found = decoded.reduce<unknown>((from, name) => fields(from)[name], document)
    if (found === undefined) return null
    at = fields(found)
  }
  return at
}

/** A reference for a sentence: one to another place may hold secrets, as any URL. */
const refOf = (value: unknown): string => {
  const ref = String(fields(value).$ref)
  return ref.startsWith('#') ? ref : pathAlone(ref)
}

const decodedIn = (file: string, name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    throw callsError(file, { at: 'a $ref', expected: 'a % before two hexadecimal digits only', got: name })
  }
}
