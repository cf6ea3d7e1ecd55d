// What a data plane accepts as a route, a service, an upstream or a certificate: apisix/schema_def.lua, as far as the stand-in serves it.

const id = {
  anyOf: [
    { type: 'string', pattern: '^[a-zA-Z0-9-_.]{1,64}$' },
    { type: 'integer', minimum: 1 },
  ],
}
const host = { type: 'string', pattern: '^\\*?[0-9a-zA-Z-._\\[\\]:]+$' }
const labels = { type: 'object', additionalProperties: { type: 'string' } }
const seconds = { type: 'number', exclusiveMinimum: 0 }
const count = { type: 'integer', minimum: 1, maximum: 254 }
const statuses = {
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: { type: 'integer', minimum: 200, maximum: 599 },
}
const status = { enum: [0, 1] }
const plugins = { type: 'object' }
const timeout = {
  type: 'object',
  properties: { connect: seconds, send: seconds, read: seconds },
}

/** Members that every object may carry. */
const common = {
  id,
  name: { type: 'string', minLength: 1, maxLength: 65_536 },
  desc: { type: 'string', maxLength: 65_536 },
  labels,
  create_time: { type: 'integer' },
  update_time: { type: 'integer' },
}

const node = {
  type: 'object',
  properties: {
    host,
    port: { type: 'integer', minimum: 1, maximum: 65_535 },
    weight: { type: 'integer', minimum: 0 },
    priority: { type: 'integer' },
    metadata: { type: 'object' },
  },
  required: ['host', 'weight'],
}

const healthy = { http_statuses: statuses, successes: count }
const unhealthy = { http_statuses: statuses, http_failures: count, tcp_failures: count, timeouts: count }
const interval = { type: 'integer', minimum: 1 }
const checkType = { enum: ['http', 'https', 'tcp'] }

const checks = {
  type: 'object',
  properties: {
    active: {
      type: 'object',
      properties: {
        type: checkType,
        timeout: seconds,
        concurrency: { type: 'integer', minimum: 1 },
        host,
        port: { type: 'integer', minimum: 1, maximum: 65_535 },
        http_path: { type: 'string' },
        https_verify_certificate: { type: 'boolean' },
        req_headers: { type: 'array', minItems: 1, items: { type: 'string' } },
        healthy: { type: 'object', properties: { interval, ...healthy } },
        unhealthy: { type: 'object', properties: { interval, ...unhealthy } },
      },
    },
    passive: {
      type: 'object',
      properties: {
        type: checkType,
        healthy: { type: 'object', properties: healthy },
        unhealthy: { type: 'object', properties: unhealthy },
      },
    },
  },
  required: ['active'],
  additionalProperties: false,
}

const upstream = {
  type: 'object',
  properties: {
    ...common,
    nodes: {
      anyOf: [
        { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
        { type: 'array', items: node },
      ],
    },
    // APISIX knows ewma too; the stand-in does not, and a route that it would balance otherwise is better not served.
    type: { enum: ['roundrobin', 'least_conn', 'chash'] },
    // What the stand-in can hash by; consumer and vars_combinations it cannot.
    hash_on: { enum: ['vars', 'header', 'cookie'] },
    key: { type: 'string' },
    scheme: { enum: ['http', 'https'] },
    retries: { type: 'integer', minimum: 0 },
    retry_timeout: { type: 'number', minimum: 0 },
    timeout,
    checks,
    keepalive_pool: {
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 1 },
        idle_timeout: { type: 'number', minimum: 0 },
        requests: { type: 'integer', minimum: 1 },
      },
    },
    pass_host: { enum: ['pass', 'node', 'rewrite'] },
    upstream_host: host,
  },
  required: ['nodes'],
  additionalProperties: false,
}

const joints = { plugins, upstream, upstream_id: id, enable_websocket: { type: 'boolean' } }
const oneOfOrNone = (one: string, other: string): object => ({ not: { required: [one, other] } })

const route = {
  type: 'object',
  properties: {
    ...common,
    ...joints,
    uri: { type: 'string', minLength: 1, maxLength: 4096 },
    uris: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, uniqueItems: true },
    // What API7 3.x calls uris.
    paths: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, uniqueItems: true },
    priority: { type: 'integer' },
    methods: { type: 'array', items: { type: 'string', pattern: '^[A-Z]+$' }, uniqueItems: true },
    host,
    hosts: { type: 'array', items: host, minItems: 1, uniqueItems: true },
    timeout,
    service_id: id,
    status,
    vars: { type: 'array', maxItems: 0 },
  },
  allOf: [
    { oneOf: [{ required: ['uri'] }, { required: ['uris'] }, { required: ['paths'] }] },
    oneOfOrNone('host', 'hosts'),
    { anyOf: ['plugins', 'upstream', 'upstream_id', 'service_id'].map((name) => ({ required: [name] })) },
  ],
  additionalProperties: false,
}

const service = {
  type: 'object',
  properties: { ...common, ...joints, hosts: { type: 'array', items: host, minItems: 1, uniqueItems: true } },
  additionalProperties: false,
}

const pem = { type: 'string', minLength: 128, maxLength: 65_536 }
const serverName = { type: 'string', pattern: '^\\*?[0-9a-zA-Z-.]+$' }

const ssl = {
  type: 'object',
  properties: {
    ...common,
    type: { enum: ['server', 'client'] },
    cert: pem,
    key: pem,
    certs: { type: 'array', items: pem },
    keys: { type: 'array', items: pem },
    sni: serverName,
    snis: { type: 'array', items: serverName, minItems: 1 },
    client: { type: 'object' },
    ssl_protocols: { type: 'array' },
    status,
    exptime: { type: 'integer' },
    validity_start: { type: 'integer' },
    validity_end: { type: 'integer' },
  },
  required: ['cert', 'key'],
  allOf: [
    {
      anyOf: [
        { required: ['sni'] },
        { required: ['snis'] },
        { properties: { type: { const: 'client' } }, required: ['type'] },
      ],
    },
  ],
  additionalProperties: false,
}

/** By directory. A directory without a schema is not checked: the stand-in shows it and serves nothing from it. */
export const objectSchemas: Readonly<Record<string, object>> = {
  routes: route,
  services: service,
  upstreams: upstream,
  ssls: ssl,
}
