// Every planted defect: the scenario that finds it, the objective that is missed, and who is to blame.
import type { Finding } from '../verdict/verdict.ts'
import { drilled, verdictOf } from './run-drill.ts'

export interface Planted {
  /** Its overlay in compose/defects, without the ending. */
  readonly defect: string
  readonly what: string
  readonly scenario: string
  /** The default one where nothing is said. */
  readonly stack?: string
  /** Beyond the overlay: what its Compose file reads, or the file that callers draw their requests from. */
  readonly environment?: Readonly<Record<string, string>>
  readonly calls?: string
  /** Of all callers together, calls a second; what the sensor needs where nothing is said. */
  readonly rate?: number
  readonly objective: Finding['objective']
  readonly culprit: RegExp
  /** One for each way of finding out is played by `npm test`; `npm run prove:sensitivity` plays all. */
  readonly inTest?: true
}

// A verdict joins names by commas: whoever is named beside the culprit is accused as well, and has to have the defect too.
const CALLERS_BALANCER = /^callers-balancer$/
/** All have the defect, and the drill shows it of one alone: it stops that one, or starts it. */
const ONE_GATEWAY = /^data-plane-\d$/
/** All have the defect, and those of which it was seen are named: of a convergence that is the slowest alone. */
const GATEWAYS = /^data-plane-\d(, data-plane-\d)*$/
/** As GATEWAYS, of control-plane nodes. */
const CONTROL_PLANE_NODES = /^control-plane-\d(, control-plane-\d)*$/
/** Both, where what was lost is laid on the control plane as a whole. */
const CONTROL_PLANE = /^control-plane-1, control-plane-2$/

const FALLBACK = { COMPOSE_PROFILES: 's3', FALLBACK_CP_INTERVAL: '5' }

export const PLANTED: readonly Planted[] = [
  {
    defect: 'M01',
    what: "sessions kept in one node's memory",
    scenario: 'control-plane-failover',
    objective: 'signOuts',
    culprit: CONTROL_PLANE_NODES,
    inTest: true,
  },
  {
    defect: 'M02',
    what: "a control plane whose connections stay with the database's former primary",
    scenario: 'database-switchover',
    objective: 'writeOutage',
    culprit: CONTROL_PLANE,
  },
  {
    defect: 'M03',
    what: 'a gateway that never asks for a DP Manager again once none answered',
    scenario: 'control-plane-outage',
    objective: 'lostChanges',
    culprit: GATEWAYS,
  },
  {
    defect: 'M04',
    what: 'one of a gateway’s four workers that takes no change',
    scenario: 'control-plane-failover',
    objective: 'lostChanges',
    culprit: /^data-plane-2$/,
  },
  {
    defect: 'M05',
    what: 'gateways that list the DP Manager of one zone',
    scenario: 'zone-loss',
    stack: 'multi-zone',
    objective: 'convergence',
    culprit: GATEWAYS,
  },
  {
    defect: 'M05',
    what: 'gateways that list the DP Manager of one zone',
    scenario: 'dp-manager-endpoint-failover',
    stack: 'multi-zone',
    objective: 'convergence',
    culprit: GATEWAYS,
  },
  {
    defect: 'M06',
    what: 'gateways that list two DP Managers, and start only while both answer',
    scenario: 'gateway-boots-with-an-endpoint-down',
    stack: 'multi-zone',
    objective: 'readmission',
    culprit: ONE_GATEWAY,
  },
  {
    defect: 'M10',
    what: 'a balancer that checks connections and not answers',
    scenario: 'frozen-node',
    objective: 'lostCalls',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M11',
    what: 'a balancer without health checks or redispatch',
    scenario: 'data-plane-failover',
    objective: 'lostTime',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M11',
    what: 'a balancer without health checks or redispatch',
    scenario: 'zone-isolation',
    objective: 'lostTime',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M12',
    what: 'a balancer that checks /status/ready where gateways are to serve without a control plane',
    scenario: 'control-plane-outage',
    objective: 'fullOutage',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M12',
    what: 'a balancer that checks /status/ready where gateways are to serve without a database',
    scenario: 'database-outage',
    objective: 'fullOutage',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M12',
    what: 'the same where gateways ask each DP Manager themselves: it has to say that it has no database',
    scenario: 'database-outage',
    stack: 'multi-zone',
    objective: 'fullOutage',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M12',
    what: 'a balancer that checks /status/ready where gateways are to serve through a failover of the database',
    scenario: 'database-failover',
    objective: 'fullOutage',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M12',
    what: 'a balancer that checks /status/ready where one gateway is to serve without the control plane',
    scenario: 'gateway-cut-from-control-plane',
    objective: 'survivors',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M13',
    what: 'a node admitted before it is ready',
    scenario: 'data-plane-failover',
    objective: 'readmission',
    culprit: ONE_GATEWAY,
    inTest: true,
  },
  {
    defect: 'M13',
    what: 'a node given calls again before it is ready',
    scenario: 'scale-out-and-in',
    objective: 'lostCalls',
    culprit: ONE_GATEWAY,
  },
  {
    defect: 'M14',
    what: 'a gateway that is stopped by the signal that closes everything',
    scenario: 'data-plane-stop',
    environment: { LB_REPLAY: 'retry-on conn-failure' },
    calls: 'scenarios/slow-orders.calls.json',
    objective: 'lostCalls',
    culprit: ONE_GATEWAY,
  },
  {
    defect: 'M21',
    what: 'gateways that carry the load together, and could not without one of them',
    scenario: 'n-minus-one',
    environment: { GATEWAY_CPUS: '0.15' },
    // A lone gateway with the overlay's quota carries 900 to 1,200 calls a second, and 1,600 at the very most: less than twice of these.
    rate: 800,
    objective: 'headroom',
    culprit: GATEWAYS,
  },
  {
    defect: 'M16',
    what: 'every gateway in one zone',
    scenario: 'zone-loss',
    stack: 'multi-zone',
    objective: 'fullOutage',
    culprit: /^data-plane-1, data-plane-2, data-plane-3$/,
  },
  {
    defect: 'M17',
    what: 'a balancer that goes to one zone only while it stands',
    scenario: 'zone-loss',
    stack: 'multi-zone',
    objective: 'survivors',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M23',
    what: 'a balancer that wants 150 good checks before it trusts a gateway again',
    scenario: 'data-plane-failover',
    objective: 'readmission',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M19',
    what: 'a balancer that gives a call which a gateway refused to nobody else',
    scenario: 'data-plane-failover',
    objective: 'lostCalls',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M25',
    what: 'a control plane that acknowledges a write before it commits it',
    scenario: 'database-failover',
    objective: 'lostChanges',
    culprit: CONTROL_PLANE,
  },
  {
    defect: 'M26',
    what: 'a gateway that takes nothing away when it reads everything again',
    scenario: 'deleted-route',
    objective: 'lostChanges',
    culprit: GATEWAYS,
  },
  {
    defect: 'M30',
    what: 'a balancer whose few slots are taken by calls to a node that nobody reaches',
    scenario: 'data-plane-isolation',
    objective: 'fullOutage',
    culprit: CALLERS_BALANCER,
    inTest: true,
  },
  {
    defect: 'M32',
    what: 'a backup node that never wrote the fallback',
    scenario: 'fallback-boot',
    environment: FALLBACK,
    objective: 'storeAge',
    culprit: /^backup-to-s3$/,
  },
  {
    defect: 'M33',
    what: 'a backup node that writes the fallback once an hour',
    scenario: 'fallback-boot',
    environment: FALLBACK,
    objective: 'storeAge',
    culprit: /^backup-to-s3$/,
  },
  {
    defect: 'M36',
    what: 'a gateway that drops its configuration when DP Manager is gone',
    scenario: 'control-plane-outage',
    objective: 'fullOutage',
    culprit: GATEWAYS,
  },
  {
    defect: 'M57',
    what: 'one gateway that reads its configuration anew, from nothing, when the control plane is back',
    scenario: 'control-plane-outage',
    objective: 'lostCalls',
    culprit: /^data-plane-2$/,
  },
  {
    defect: 'M58',
    what: 'a gateway that is slow once it was started again',
    scenario: 'data-plane-failover',
    objective: 'recoveredP99VsSteady',
    culprit: ONE_GATEWAY,
  },
  {
    defect: 'M49',
    what: 'one gateway whose /status asks for the control plane',
    scenario: 'control-plane-outage',
    objective: 'survivors',
    culprit: /^data-plane-2$/,
  },
  {
    defect: 'M51',
    what: 'a Dashboard whose pages say nothing when a save came to nothing',
    scenario: 'database-outage',
    objective: 'unansweredChanges',
    culprit: CONTROL_PLANE,
  },
  {
    defect: 'M37',
    what: 'a balancer that cuts calls it would have given to another node',
    scenario: 'data-plane-failover',
    objective: 'lostCalls',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M38',
    what: 'a balancer whose health check is less patient than its callers',
    scenario: 'slow-zone',
    objective: 'survivors',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M40',
    what: 'a balancer that resolved the names of its gateways once and never again',
    scenario: 'replaced-node',
    objective: 'readmission',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M45',
    what: 'a balancer that hardly ever looks who the primary is',
    scenario: 'database-failover',
    objective: 'writeOutage',
    culprit: /^database-balancer$/,
  },
  {
    defect: 'M45',
    what: 'a balancer that hardly ever looks who the primary is',
    scenario: 'zone-outage-with-primary',
    stack: 'multi-zone',
    objective: 'writeOutage',
    culprit: /^database-balancer$/,
  },
  {
    defect: 'M46',
    what: 'a balancer that sends any call again which is not answered within a second',
    scenario: 'frozen-node',
    objective: 'duplicates',
    culprit: CALLERS_BALANCER,
    inTest: true,
  },
  {
    defect: 'M47',
    what: 'a gateway whose watch resumes at what is newest',
    scenario: 'silent-control-plane',
    environment: { GATEWAY_TIMINGS: 'lab' },
    objective: 'lostChanges',
    culprit: GATEWAYS,
  },
  {
    defect: 'M47',
    what: 'a gateway that, with a valid certificate again, goes on from what is newest',
    scenario: 'expired-certificate',
    stack: 'multi-zone',
    environment: { GATEWAY_TIMINGS: 'lab' },
    objective: 'lostChanges',
    culprit: ONE_GATEWAY,
  },
  {
    defect: 'M48',
    what: 'a balancer that gives every Dashboard call to one node',
    scenario: 'both-dashboards-serve',
    objective: 'dashboards',
    culprit: /^control-plane-balancer$/,
  },
  {
    defect: 'M50',
    what: 'a balancer whose reload ends the calls that it has',
    scenario: 'rolling-restart',
    environment: { LB_REPLAY: 'retry-on conn-failure' },
    calls: 'scenarios/slow-orders.calls.json',
    objective: 'lostCalls',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M52',
    what: 'a gateway that starts without a configuration, and says that it is alive',
    scenario: 'gateway-restarts-without-control-plane',
    objective: 'admittedUnconfigured',
    culprit: ONE_GATEWAY,
  },
  {
    defect: 'M53',
    what: 'gateways that list one member of the config store',
    scenario: 'config-store-member-lost',
    stack: 'etcd',
    objective: 'convergence',
    culprit: GATEWAYS,
  },
  {
    defect: 'M54',
    what: 'a control plane that says yes to a write before its store has answered',
    scenario: 'config-store-quorum-lost',
    stack: 'etcd',
    objective: 'lostChanges',
    culprit: CONTROL_PLANE,
  },
  {
    defect: 'M55',
    what: 'a balancer without health checks, whose redispatch hides that it drops nobody',
    scenario: 'data-plane-failover',
    objective: 'ejection',
    culprit: CALLERS_BALANCER,
  },
  {
    defect: 'M56',
    what: 'gateways that stay ready once they had a configuration, whomever they reach since',
    scenario: 'readiness-of-one',
    environment: { LB_CHECK: '/status/ready' },
    objective: 'ejection',
    culprit: ONE_GATEWAY,
  },
]

/** What came of one planted defect. */
export interface Found {
  readonly exitCode: number | null
  readonly outcome: string
  /** Of the objective that it should miss; absent where nobody judged it. */
  readonly finding?: Finding['outcome']
  readonly culprit?: string
  readonly folder: string | null
}

/** Plays the scenario on the deployment with the defect. Throws with the drill's last words when it left no verdict. */
export const drillPlanted = async (planted: Planted): Promise<Found> => {
  const { defect, scenario, stack, environment, calls, rate, objective } = planted
  const asked = [
    ...(stack ? ['--stack', stack] : []),
    ...(calls ? ['--calls', calls] : []),
    ...(rate ? ['--rate', String(rate)] : []),
  ]
  const run = await drilled([scenario, '--defect', defect, ...asked], environment)
  const { outcome, findings } = await verdictOf(run, scenario)
  const finding = findings.find((each) => each.objective === objective)
  return {
    exitCode: run.exitCode,
    outcome,
    ...(finding && { finding: finding.outcome }),
    ...(finding?.culprit !== undefined && { culprit: finding.culprit }),
    folder: run.folder,
  }
}

/** Why it does not count as found: empty where the scenario failed by that objective and named the culprit. */
export const whyNotFound = ({ objective, culprit }: Planted, found: Found): readonly string[] => [
  ...(found.exitCode === 1 ? [] : [`exit code ${found.exitCode}, expected 1`]),
  ...(found.outcome === 'fail' ? [] : [`the verdict is ${found.outcome}, expected fail`]),
  ...(found.finding === 'fail' ? [] : [`${objective} is ${found.finding ?? 'not judged'}, expected fail`]),
  ...(found.culprit !== undefined && culprit.test(found.culprit)
    ? []
    : [`the culprit is ${found.culprit ?? 'nobody'}, expected ${culprit.source}`]),
]
