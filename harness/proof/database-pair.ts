// The database pair alone, from the deployment's Compose file: brought up, written to, looked at, and taken away.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { lookAt } from '../topology/haproxy.ts'
import { type DatabaseMember, judgeReplication, memberFrom } from '../topology/replication.ts'
import { byHand, docker, untilSo } from './by-hand.ts'

const PROJECT = 'firedrill-database-pair'
const SERVICES = ['config-store-1', 'config-store-2', 'config-store-3', 'database-1', 'database-2', 'database-balancer']
const IMAGE = process.env.FIREDRILL_POSTGRES_IMAGE || 'firedrill/postgres:local'
const SUBNET = process.env.FIREDRILL_SUBNET || '10.213.77'
const PASSWORD = process.env.FIREDRILL_DB_PASSWORD || 'changeme'
const balancer = {
  name: 'database-balancer',
  port: Number(process.env.FIREDRILL_PORT_DATABASE_BALANCER || 9903),
}

const pair = byHand('high-availability', PROJECT)

/** The network that the pair stands on, and the run that its labels name. */
export const PAIR = { project: PROJECT, subnet: SUBNET, balancer }

/** The container of a node of the pair. */
export const containerOf = pair.containerOf

/** The node that the balancer gives connections to; undefined while there is none. */
export const primaryNow = async (): Promise<string | undefined> =>
  (await lookAt(balancer)).find((server) => server.backend === 'primary' && server.state === 'in')?.node

const NODES = ['database-1', 'database-2']
const ASK = 'exec 3<>/dev/tcp/127.0.0.1/8008 && printf "GET /primary HTTP/1.0\\r\\n\\r\\n" >&3 && cat <&3'

const memberNow = async (node: string): Promise<DatabaseMember> => {
  const answer = await docker('exec', containerOf(node), 'bash', '-c', ASK)
  const [head = '', body = ''] = answer.split(/\r?\n\r?\n/)
  return memberFrom(node, { ok: true, status: Number(/^HTTP\S+ (\d+)/.exec(head)?.[1]), body })
}

/**
 * One primary, and a standby that its commits wait for and that Patroni has written down as such: PostgreSQL waits for it
 * up to a loop earlier, and a primary lost in between has nobody who may take its place.
 */
export const isInSync = async (): Promise<boolean> => {
  const states = (await lookAt(balancer)).map((server) => `${server.backend} ${server.state}`).sort()
  if (states.join() !== 'databases in,databases in,primary in,primary standby') return false
  return judgeReplication(await Promise.all(NODES.map(memberNow))).ok
}

/** Starts the pair, its config store and its balancer. */
export const pairUp = (): Promise<void> => pair.up(SERVICES)

/** Removes everything of ours, by label. */
export const pairDown = pair.down

/** Numbers that a program says, each with the time it was heard, on this machine's monotonic clock in ms. */
export interface Heard {
  readonly said: readonly { readonly number: number; readonly at: number }[]
  stop(): Promise<void>
}

/** The numbers that come, one in each line, however the lines are cut on their way: the list grows as they do. */
export const numbersIn = (stream: Readable): Heard['said'] => {
  const said: { number: number; at: number }[] = []
  createInterface({ input: stream }).on('line', (line) => {
    if (line !== '') said.push({ number: Number(line), at: performance.now() })
  })
  return said
}

const hear = (argv: readonly string[]): Heard => {
  const child: ChildProcess = spawn('docker', argv, { stdio: ['pipe', 'pipe', 'ignore'] })
  const said = child.stdout ? numbersIn(child.stdout) : []
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    said,
    stop: () => {
      child.stdin?.end()
      child.kill()
      return ended
    },
  }
}

/** A client that writes 1, 2, 3 ... through the balancer, and says each number once its write was acknowledged. */
export const writer = async (): Promise<Heard> => {
  const url = `postgres://api7ee@${SUBNET}.12/api7ee?connect_timeout=1`
  await untilSo(
    'the table is there',
    async () =>
      (await docker('exec', containerOf((await primaryNow()) ?? ''), 'psql', '-qAt', '-d', 'api7ee', '-c', TABLES)) ===
      '',
    20_000,
  )
  const loop = `trap exit TERM; for ((n = 1; ; n++)); do timeout 2 psql -q '${url}' -c "INSERT INTO written VALUES ($n)" 2>/dev/null && echo $n; done`
  const options = ['--rm', '--init', '--network', `${PROJECT}_deployment`, '--label', `firedrill.run=${PROJECT}`]
  return hear(['run', ...options, '-e', `PGPASSWORD=${PASSWORD}`, '--entrypoint', 'bash', IMAGE, '-c', loop])
}

const TABLES =
  'DROP TABLE IF EXISTS written, aside; CREATE TABLE written (n int); CREATE TABLE aside (n int); ALTER TABLE written OWNER TO api7ee'

/**
 * Somebody on a node itself, past the balancer, who does not wait for the standby: what a client left behind could do. Says
 * when (Date) each write was begun that was taken. One that is under way while a machine freezes may end when it thaws, in
 * the instant before the watchdog: nobody who waits for the standby is told so.
 */
export const writerAside = (node: string): Heard => {
  // Root's loop outlives a reset of the member, which ends only what belongs to PostgreSQL's user. It ends with its input.
  const statements = '-c "SET synchronous_commit = local" -c "INSERT INTO aside VALUES (1)"'
  const loop = `while read -r -t 0.02 _; [ $? -gt 128 ]; do at=$(date +%s%3N); runuser -u postgres -- psql -qAt -d api7ee ${statements} 2>/dev/null && echo $at; done`
  return hear(['exec', '-i', '-u', 'root', containerOf(node), 'bash', '-c', loop])
}

/** Every number that the primary holds now. */
export const writtenNow = async (): Promise<ReadonlySet<number>> => {
  const rows = await docker(
    'exec',
    containerOf((await primaryNow()) ?? ''),
    'psql',
    '-qAt',
    '-d',
    'api7ee',
    '-c',
    'SELECT n FROM written',
  )
  return new Set(rows.split('\n').filter(Boolean).map(Number))
}

/** The longest time in which no write was acknowledged, from just before `from` on. */
export const longestSilence = ({ said }: Heard, from: number): number => {
  const instants = said.map(({ at }) => at).filter((at) => at > from - 500)
  return instants.reduce((most, at, i) => Math.max(most, at - (instants[i - 1] ?? at)), 0)
}
