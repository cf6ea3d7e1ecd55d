// What the Admin API accepts as a service or a route, and what it says about anything else.
import ajvPackage, { type JSONSchemaType, type ValidateFunction } from 'ajv'
import { type Body, type Kind, titleOf } from './published-object.ts'
import { RefusedError } from './refused.ts'

// What the Admin API adds to every object it returns; a client that sends an object back sends these too.
const READ_ONLY = ['id', 'gateway_group_id', 'created_at', 'updated_at', 'create_time', 'update_time']
/** The vendor's own command-line client names an object's id a second time, after its kind. */
const OWN_ID: Readonly<Record<Kind, string>> = { services: 'service_id', routes: 'route_id', upstreams: 'upstream_id' }

/** The body in a checked form with its defaults. Throws RefusedError 400 saying which member is wrong. */
export const checkBody = (kind: Kind, candidate: unknown): Body => {
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) {
    throw new RefusedError(400, `${titleOf(kind)}: expected an object`)
  }
  const members = Object.entries(candidate).filter(([name]) => !READ_ONLY.includes(name) && name !== OWN_ID[kind])
  const body: unknown = structuredClone(Object.fromEntries(members))
  const check = CHECKS[kind]
  if (check(body)) return body
  throw new RefusedError(400, `invalid ${titleOf(kind).toLowerCase()}: ${whatIsWrong(check)}`)
}

const whatIsWrong = (check: ValidateFunction): string =>
  (check.errors ?? [])
    .map(({ instancePath, message, params }) => {
      const extra = 'additionalProperty' in params ? ` '${params.additionalProperty}'` : ''
      return `${instancePath.slice(1).replaceAll('/', '.') || 'object'} ${message}${extra}`
    })
    .join('; ')

const NAME = { type: 'string', minLength: 1, maxLength: 65_536 }
const DESC = { type: 'string', maxLength: 65_536, default: '' }
const LABELS = { type: 'object', additionalProperties: { type: 'string' } }
const PLUGINS = { type: 'object', additionalProperties: { type: 'object' } }
const STATUS = { type: 'integer', enum: [0, 1] }
const HOSTS = { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, uniqueItems: true }
const SECONDS = { type: 'number', exclusiveMinimum: 0 }
const TIMEOUT = {
  type: 'object',
  properties: { connect: SECONDS, send: SECONDS, read: SECONDS },
  additionalProperties: false,
}
const NODE = {
  type: 'object',
  properties: {
    host: { type: 'string', minLength: 1 },
    port: { type: 'integer', minimum: 1, maximum: 65_535 },
    weight: { type: 'integer', minimum: 0, default: 100 },
    priority: { type: 'integer' },
  },
  required: ['host', 'port'],
  additionalProperties: false,
}
const UPSTREAM = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    type: { type: 'string', enum: ['roundrobin', 'chash', 'ewma', 'least_conn'], default: 'roundrobin' },
    scheme: { type: 'string', enum: ['http', 'https'], default: 'http' },
    nodes: { type: 'array', items: NODE, minItems: 1 },
    timeout: TIMEOUT,
    retries: { type: 'integer', minimum: 0 },
    retry_timeout: { type: 'number', minimum: 0 },
    pass_host: { type: 'string', enum: ['pass', 'node', 'rewrite'] },
    upstream_host: { type: 'string' },
    hash_on: { type: 'string' },
    key: { type: 'string' },
    checks: { type: 'object' },
    keepalive_pool: { type: 'object' },
  },
  required: ['nodes'],
  additionalProperties: false,
}
const SERVICE = {
  type: 'object',
  properties: {
    name: NAME,
    desc: DESC,
    type: { type: 'string', enum: ['http'], default: 'http' },
    labels: LABELS,
    hosts: HOSTS,
    path_prefix: { type: 'string', pattern: '^/[^*]*$' },
    strip_path_prefix: { type: 'boolean' },
    plugins: PLUGINS,
    status: { ...STATUS, default: 1 },
    upstream: UPSTREAM,
  },
  required: ['name', 'upstream'],
  additionalProperties: false,
}
const ROUTE = {
  type: 'object',
  properties: {
    name: NAME,
    desc: DESC,
    service_id: { type: 'string', minLength: 1 },
    paths: { type: 'array', items: { type: 'string', pattern: '^/' }, minItems: 1, uniqueItems: true },
    methods: {
      type: 'array',
      items: { enum: ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE', 'PURGE'] },
      minItems: 1,
      uniqueItems: true,
    },
    labels: LABELS,
    plugins: { ...PLUGINS, default: {} },
    priority: { type: 'integer', default: 0 },
    status: { ...STATUS, default: 1 },
    vars: { type: 'array' },
    timeout: TIMEOUT,
    enable_websocket: { type: 'boolean' },
  },
  required: ['name', 'service_id', 'paths'],
  additionalProperties: false,
}

const ajv = new ajvPackage.Ajv({ useDefaults: true, allErrors: false, strict: true })
const UPSTREAM_OF_ITS_OWN = {
  ...UPSTREAM,
  properties: {
    ...UPSTREAM.properties,
    name: NAME,
    desc: DESC,
    labels: LABELS,
    service_id: { type: 'string', minLength: 1 },
  },
  required: ['name', 'service_id', 'nodes'],
}

const checkOf = (schema: object): ValidateFunction<Body> => ajv.compile<Body>(schema as unknown as JSONSchemaType<Body>)
const CHECKS: Readonly<Record<Kind, ValidateFunction<Body>>> = {
  services: checkOf(SERVICE),
  routes: checkOf(ROUTE),
  upstreams: checkOf(UPSTREAM_OF_ITS_OWN),
}
