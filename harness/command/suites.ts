// The suites: which claims are played on which deployments. A name stands for a scenario; a leg is one deployment, up once.
import { ScenarioError } from '../time/errors.ts'

/** One deployment of a suite, and what is played on it, in order of name. */
export interface SuiteLeg {
  /** How its scenarios' folders are told from another leg's: `data-plane-failover.etcd`. The first leg of a suite has none. */
  readonly part?: string
  readonly stack: string
  /** Variables of its Compose file, over those of the environment. */
  readonly settings: Readonly<Record<string, string>>
  readonly names: readonly string[]
  /** Those of them that are not required where they do not apply. */
  readonly optional?: readonly string[]
  /** How often each is played, for distributions; as often as `--times` says where absent. */
  readonly times?: number
}

/** Seconds where the vendor's own timings take minutes; every report says which they were. */
const LAB = { GATEWAY_TIMINGS: 'lab' } as const

/** Health checks as the vendor's pages have them: every 10 s, out after three. */
const VENDOR = {
  GATEWAY_TIMINGS: 'vendor',
  LB_INTER: '10s',
  LB_FASTINTER: '10s',
  LB_DOWNINTER: '10s',
  LB_FALL: '3',
  LB_RISE: '2',
} as const

/** A backup node that writes every few seconds, so that nobody waits for it. */
const FALLBACK = { ...LAB, FALLBACK_CP_INTERVAL: '5' } as const

/** Every claim of the vendor's pages that these deployments make as they are: in a quarter of an hour. */
const ACCEPTANCE: readonly SuiteLeg[] = [
  {
    stack: 'high-availability',
    settings: LAB,
    names: [
      'both-dashboards-serve',
      'control-plane-failover',
      'control-plane-outage',
      'data-plane-failover',
      'data-plane-isolation',
      'data-plane-stop',
      'database-failover',
      'database-outage',
      'frozen-node',
      'gateway-cut-from-control-plane',
      'gateway-restarts-without-control-plane',
      'rolling-restart',
      'scale-out-and-in',
      'silent-control-plane',
    ],
  },
  {
    part: 'multi-zone',
    stack: 'multi-zone',
    settings: LAB,
    names: [
      'dp-manager-endpoint-failover',
      'gateway-boots-with-an-endpoint-down',
      'slow-zone',
      'zone-isolation',
      'zone-outage-with-primary',
    ],
  },
  {
    part: 'etcd',
    stack: 'etcd',
    settings: LAB,
    names: [
      'config-store-member-lost',
      'config-store-quorum-lost',
      'control-plane-failover',
      'control-plane-outage',
      'data-plane-failover',
    ],
  },
]

/** The same claims in other ways, what needs a deployment with other settings, and what takes longer than anybody waits for. */
const NIGHT: readonly SuiteLeg[] = [
  {
    part: 'variants',
    stack: 'high-availability',
    settings: LAB,
    names: [
      'control-plane-isolation',
      'control-plane-restored',
      'data-plane-crash',
      'data-plane-drain',
      'database-freeze',
      'database-isolation',
      'database-switchover',
      'deleted-route',
      'gateway-missed-a-change',
      'lossy-gateway',
      'node-returns-only-when-ready',
      'replaced-node',
      'standalone-boot',
      'traffic-spike',
    ],
  },
  {
    part: 'zones',
    stack: 'multi-zone',
    settings: LAB,
    names: [
      'expired-certificate',
      'slow-zone-with-primary',
      'zone-isolation-with-primary',
      'zone-loss',
      'zone-returns',
      'zone-returns-with-primary',
    ],
  },
  {
    part: 'primary-zone',
    stack: 'multi-zone',
    settings: { ...LAB, CONTROL_PLANE_ZONES: 'a' },
    names: ['primary-zone-isolation', 'primary-zone-lost', 'primary-zone-returns', 'primary-zone-slow'],
  },
  {
    part: 'fallback',
    stack: 'high-availability',
    settings: { ...FALLBACK, COMPOSE_PROFILES: 's3' },
    names: ['fallback-boot', 'fallback-stale'],
  },
  {
    part: 'fallback-azure',
    stack: 'high-availability',
    settings: { ...FALLBACK, COMPOSE_PROFILES: 'azure' },
    names: ['fallback-boot', 'fallback-stale'],
  },
  {
    part: 'ready-check',
    stack: 'high-availability',
    settings: { ...LAB, LB_CHECK: '/status/ready' },
    names: ['data-plane-failover', 'readiness', 'readiness-of-one', 'rolling-restart'],
  },
  {
    part: 'connections',
    stack: 'high-availability',
    // What is forwarded stays with the worker that took it: ended with it, 30 s after a reload, callers would lose what is under way.
    settings: { ...LAB, LB_MODE: 'tcp', LB_HARD_STOP_AFTER: '5m' },
    names: [
      'data-plane-crash',
      'data-plane-drain',
      'data-plane-failover',
      'data-plane-stop',
      'frozen-node',
      'rolling-restart',
    ],
  },
  {
    part: 'capacity',
    stack: 'high-availability',
    settings: { ...LAB, GATEWAY_CPUS: '0.15' },
    names: ['n-minus-one'],
  },
  {
    part: 'vendor',
    stack: 'high-availability',
    settings: VENDOR,
    names: ['control-plane-failover', 'control-plane-outage', 'data-plane-failover', 'silent-control-plane'],
  },
  { part: 'soak', stack: 'high-availability', settings: { ...LAB, FIREDRILL_SOAK: '10m' }, names: ['soak'] },
  {
    part: 'distribution',
    stack: 'high-availability',
    settings: LAB,
    names: ['data-plane-failover', 'database-failover', 'frozen-node'],
    times: 30,
  },
]

/** By name, as `--suite` takes it. */
export const SUITES: Readonly<Record<string, readonly SuiteLeg[]>> = {
  smoke: [{ stack: 'high-availability', settings: LAB, names: ['control-plane-failover', 'data-plane-failover'] }],
  acceptance: ACCEPTANCE,
  nightly: [...ACCEPTANCE, ...NIGHT],
  // Of the images that --from and --to name.
  upgrade: [
    {
      stack: 'high-availability',
      settings: LAB,
      names: ['control-plane-restored', 'rolling-upgrade', 'upgrade-rollback'],
      // Of the control plane alone there is no gateway to roll back at, and the rolling upgrade goes back as well.
      optional: ['upgrade-rollback'],
    },
  ],
}

/** The legs of a suite. Throws ScenarioError ERR_NO_SUITE where there is none of that name. */
export const suiteNamed = (name: string): readonly SuiteLeg[] => {
  const legs = Object.hasOwn(SUITES, name) ? SUITES[name] : undefined
  if (legs) return legs
  throw new ScenarioError(`There is no suite '${name}': expected one of ${Object.keys(SUITES).join(', ')}.`, {
    code: 'ERR_NO_SUITE',
  })
}
