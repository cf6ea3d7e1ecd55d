// What one gateway is told by its environment: where its configuration comes from, its ports, its timings and its planted defects.
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { withConfigYaml } from './config-yaml.ts'
import { count, type Environment, firstOf, needed, oneOf, pemOf } from './environment.ts'
import { type FallbackSettings, readFallback } from './fallback/fallback-settings.ts'
import { readTimings, type TimingSet, type Timings } from './timings.ts'

export interface Defects {
  /** What it does when no DP Manager answers any more: the vendor's serves from memory and tries again. */
  readonly onLoss: 'serve' | 'drop-config' | 'give-up'
  readonly resumesAtNewest: boolean
  readonly readsAnewOnReturn: boolean
  readonly mergesOnResync: boolean
  readonly listenBeforeConfig: boolean
  readonly configLoadDelayMs: number
  /** One of so many workers takes no change; 0: none. */
  readonly staleWorkerOf: number
  /** `/status` asks what `/status/ready` asks. */
  readonly isAliveWhenReady: boolean
  readonly startsUnasked: boolean
  /** How much longer every call takes of a gateway that was started again; 0: none. */
  readonly coldCallMs: number
}

/** How a gateway shows who it is, and knows the DP Manager: PEM texts. Without a CA the system's are trusted. */
export interface ClientTls {
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly ca: string | undefined
  /** The name on the DP Manager's certificate, where it is not the endpoint's host. */
  readonly serverName: string | undefined
}

export interface Enrolment {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly folder: string
}

export interface Ports {
  readonly traffic: number
  readonly status: number
  readonly control: number
  /** HTTPS for callers, and Prometheus; undefined when switched off. */
  readonly tls?: number | undefined
  readonly metrics?: number | undefined
}

export interface Settings {
  /** DP Managers, or members of an etcd. Empty where the configuration comes from elsewhere. */
  readonly endpoints: readonly string[]
  /** Who watches for configuration: `etcd` is the vendor's word for DP Managers too. */
  readonly provider: 'etcd' | 'yaml' | 'json'
  /** The file of standalone mode. */
  readonly configFile: string
  readonly fallback: FallbackSettings | undefined
  readonly token: string | undefined
  readonly etcdUser: { readonly name: string; readonly password: string } | undefined
  readonly tls: ClientTls | undefined
  /** Where the client certificate lies as files. */
  readonly certificateFolder: string
  /** Only where there is no certificate yet. */
  readonly enrolment: Enrolment | undefined
  /** Undefined when nothing names the group; then there is no backup. */
  readonly gatewayGroup: string | undefined
  readonly nodeName: string
  readonly instanceId: string
  readonly version: string
  readonly prefix: string
  readonly bindAddress: string
  readonly ports: Ports
  readonly timingSet: TimingSet
  readonly timings: Timings
  readonly readySemantics: 'api7' | 'apisix'
  readonly accessLog: boolean
  readonly defects: Defects
}

/** Reads the settings; the names of the variables are the vendor's, the defaults too. Throws when no DP Manager is named. */
export function readSettings(given: Environment): Settings {
  const environment = withConfigYaml(given)
  const nodeName = environment.NODE_NAME ?? hostname()
  const provider = readProvider(environment)
  const tls = readTls(environment)
  return {
    endpoints: provider === 'etcd' ? readEndpoints(environment) : [],
    provider,
    configFile: environment.CONFIG_FILE || `/usr/local/apisix/conf/apisix.${provider === 'json' ? 'json' : 'yaml'}`,
    fallback: readFallback(environment),
    token: firstOf(environment, ['API7_DP_MANAGER_TOKEN', 'API7_CONTROL_PLANE_TOKEN']),
    etcdUser: readEtcdUser(environment),
    tls,
    certificateFolder: environment.CERTIFICATE_FOLDER || '/tmp',
    enrolment: tls?.cert === undefined ? readEnrolment(environment) : undefined,
    gatewayGroup: environment.API7_GATEWAY_GROUP_SHORT_ID || undefined,
    nodeName,
    instanceId: environment.GATEWAY_INSTANCE_ID ?? instanceIdOf(nodeName),
    version: environment.GATEWAY_VERSION ?? '3.10.5',
    prefix: environment.CONFIG_PREFIX || '/apisix',
    bindAddress: environment.BIND_ADDRESS ?? '0.0.0.0',
    ports: {
      traffic: count(environment, 'TRAFFIC_PORT', 9080),
      status: count(environment, 'STATUS_PORT', 7085),
      control: count(environment, 'CONTROL_PORT', 9090),
      tls: portOrOff(environment, 'TLS_PORT', 9443),
      metrics: portOrOff(environment, 'METRICS_PORT', 9091),
    },
    ...readTimings(environment),
    readySemantics: oneOf(environment, 'READY_SEMANTICS', ['api7', 'apisix']),
    accessLog: environment.ACCESS_LOG === '1',
    defects: readDefects(environment),
  }
}

function portOrOff(environment: Environment, name: string, otherwise: number): number | undefined {
  return environment[name] === 'off' ? undefined : count(environment, name, otherwise)
}

/** yaml and json are for data-plane nodes alone, as in the vendor's `role_data_plane.config_provider`. */
function readProvider(environment: Environment): Settings['provider'] {
  const provider = oneOf(environment, 'CONFIG_PROVIDER', ['etcd', 'yaml', 'json'])
  const role = oneOf(environment, 'DEPLOYMENT_ROLE', ['traditional', 'data_plane'])
  if (provider === 'etcd' || role === 'data_plane') return provider
  throw new Error(`CONFIG_PROVIDER is ${provider} and DEPLOYMENT_ROLE is ${role}, expected DEPLOYMENT_ROLE=data_plane`)
}

function readEndpoints(environment: Environment): readonly string[] {
  const names = ['API7_DP_MANAGER_ENDPOINTS', 'API7_CONTROL_PLANE_ENDPOINTS', 'APISIX_DEPLOYMENT_ETCD_HOST']
  const name = names.find((candidate) => environment[candidate])
  if (name === undefined) {
    throw new Error(`No DP Manager is named: set ${names[0]} to a JSON array of URLs, like ["http://dp-manager:7900"]`)
  }
  const urls: unknown = JSON.parse(environment[name] ?? '[]')
  if (!Array.isArray(urls) || urls.length === 0 || !urls.every((url) => typeof url === 'string' && URL.canParse(url))) {
    throw new Error(`${name} is ${environment[name]}, expected a JSON array of at least one URL`)
  }
  return urls.map((url: string) => url.replace(/\/+$/, ''))
}

function readTls(environment: Environment): ClientTls | undefined {
  const both = (suffix: string) => [`API7_DP_MANAGER_${suffix}`, `API7_CONTROL_PLANE_${suffix}`]
  const [cert, key, ca] = ['CERT', 'KEY', 'CA'].map((suffix) => pemOf(environment, both(suffix)))
  const serverName = firstOf(environment, both('SNI'))
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error('Of API7_DP_MANAGER_CERT and API7_DP_MANAGER_KEY only one is set, expected both or none')
  }
  if (cert === undefined && ca === undefined && serverName === undefined) return undefined
  return { cert, key, ca, serverName }
}

function readEnrolment(environment: Environment): Enrolment | undefined {
  const url = environment.ENROL_URL
  if (url === undefined || url === '') return undefined
  if (!URL.canParse(url)) throw new Error(`ENROL_URL is ${url}, expected the URL of a Dashboard`)
  return {
    url: url.replace(/\/+$/, ''),
    username: needed(environment, 'ENROL_USERNAME', 'ENROL_URL needs it'),
    password: needed(environment, 'ENROL_PASSWORD', 'ENROL_URL needs it'),
    folder: environment.ENROL_FOLDER || '/tmp/firedrill-enrolment',
  }
}

function readEtcdUser(environment: Environment): Settings['etcdUser'] {
  const name = environment.ETCD_USERNAME
  if (name === undefined || name === '') return undefined
  return { name, password: needed(environment, 'ETCD_PASSWORD', 'ETCD_USERNAME is') }
}

/** All off unless asked for: they exist so that the harness can prove that it notices. */
function readDefects(environment: Environment): Defects {
  return {
    onLoss: oneOf(environment, 'ON_DP_MANAGER_LOSS', ['serve', 'drop-config', 'give-up']),
    resumesAtNewest: oneOf(environment, 'WATCH_RESUMES', ['last', 'newest']) === 'newest',
    readsAnewOnReturn: oneOf(environment, 'ON_DP_MANAGER_RETURN', ['watch', 'read-anew']) === 'read-anew',
    mergesOnResync: oneOf(environment, 'RESYNC', ['replace', 'merge']) === 'merge',
    listenBeforeConfig: environment.LISTEN_BEFORE_CONFIG === '1',
    configLoadDelayMs: count(environment, 'CONFIG_LOAD_DELAY_MS', 0),
    staleWorkerOf: count(environment, 'STALE_WORKER_OF', 0),
    isAliveWhenReady: environment.STATUS_ASKS === 'ready',
    startsUnasked: oneOf(environment, 'BOOT_CHECK', ['all', 'none']) === 'none',
    coldCallMs: count(environment, 'COLD_CALL_MS', 0),
  }
}

/** The vendor keeps the id in conf/apisix.uid so that a restarted node is the same row; ours follows from the node's name. */
function instanceIdOf(nodeName: string): string {
  const hex = createHash('sha256').update(nodeName).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}
