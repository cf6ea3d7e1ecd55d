// The variables of the deployments that take one of a few values, or one kind of them: what none of them can mean is refused before anything is done.
import { ScenarioError } from './time/errors.ts'
import { controlPlaneVariables } from './topology/zones.ts'

interface Allowed {
  readonly pattern: RegExp
  readonly expected: string
}

const HTTP_OR_TCP: Allowed = { pattern: /^(http|tcp)$/, expected: 'http or tcp' }
const NAMES_OR_FIXED: Allowed = { pattern: /^(names|fixed)$/, expected: 'names or fixed' }
const VENDOR_OR_LAB: Allowed = { pattern: /^(vendor|lab)$/, expected: 'vendor or lab' }
const ZERO_OR_ONE: Allowed = { pattern: /^[01]$/, expected: '0 or 1' }
const STORES: Allowed = { pattern: /^(s3|azure)(,(s3|azure))*$/, expected: 's3, azure, or both with a comma between' }
const LENGTH: Allowed = {
  pattern: /^\d+(us|ms|s|m|h|d)?$/,
  expected: 'a whole number with one of us, ms, s, m, h, d, or without one, which is ms',
}
const PATH: Allowed = { pattern: /^\/\S*$/, expected: 'a path, such as /status/ready' }
const CPUS: Allowed = {
  pattern: /^\d+(\.\d+)?$/,
  expected: 'a number of processors, such as 0.15, or 0 for all of them',
}
const COUNT: Allowed = { pattern: /^[1-9]\d*$/, expected: 'a whole number from 1 on' }

const ALLOWED: Readonly<Record<string, Allowed>> = {
  LB_MODE: HTTP_OR_TCP,
  LB_ADDRESSES: NAMES_OR_FIXED,
  GATEWAY_TIMINGS: VENDOR_OR_LAB,
  READY_SEES_DATABASE: ZERO_OR_ONE,
  COMPOSE_PROFILES: STORES,
  LB_INTER: LENGTH,
  LB_FASTINTER: LENGTH,
  LB_DOWNINTER: LENGTH,
  LB_CHECK_TIMEOUT: LENGTH,
  LB_CONNECT_TIMEOUT: LENGTH,
  LB_SERVER_TIMEOUT: LENGTH,
  LB_HARD_STOP_AFTER: LENGTH,
  LB_DATABASE_INTER: LENGTH,
  LB_DATABASE_FASTINTER: LENGTH,
  LB_DATABASE_DOWNINTER: LENGTH,
  LB_DATABASE_CONNECT_TIMEOUT: LENGTH,
  LB_CHECK: PATH,
  GATEWAY_CPUS: CPUS,
  PATRONI_TTL: COUNT,
  PATRONI_LOOP_WAIT: COUNT,
  PATRONI_RETRY_TIMEOUT: COUNT,
  FALLBACK_CP_INTERVAL: COUNT,
  LB_FALL: COUNT,
  LB_RISE: COUNT,
  LB_DATABASE_FALL: COUNT,
  LB_DATABASE_RISE: COUNT,
}

/** What is empty is not set, as Compose has it. Throws ScenarioError ERR_SETTING, or ERR_ZONES, on a value that cannot be meant. */
export const refuseUnfitSettings = (environment: NodeJS.ProcessEnv): void => {
  for (const [name, { pattern, expected }] of Object.entries(ALLOWED)) {
    const value = environment[name]
    if (value && !pattern.test(value))
      throw new ScenarioError(`${name} is '${value}': expected ${expected}.`, { code: 'ERR_SETTING' })
  }
  controlPlaneVariables(environment.CONTROL_PLANE_ZONES)
}
