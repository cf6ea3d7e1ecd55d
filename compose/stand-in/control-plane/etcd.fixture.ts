// A private etcd for tests, one member or three on loopback: its own directories, free ports, gone at the end.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BINARY = process.env.FIREDRILL_ETCD_BIN || '/usr/bin/etcd'
const START_LIMIT_MS = 15_000

/** Tests that need etcd are skipped only where somebody said so. */
export const HAS_NO_ETCD = process.env.FIREDRILL_NO_ETCD === '1'

/** A cluster that runs. Members are counted from 0. */
export interface EtcdCluster {
  /** One client address a member: 'http://127.0.0.1:42379'. They stay the same when a member starts again. */
  readonly urls: readonly string[]
  /** Ends a member the hard way; its data stay. */
  kill(index: number): Promise<void>
  /** Ends a member with SIGTERM: a leader hands over first. */
  stop(index: number): Promise<void>
  /** Freezes a member: it accepts connections and answers nothing. */
  pause(index: number): void
  resume(index: number): void
  /** Starts an ended member on its data, and waits until it answers if enough members run for that. */
  start(index: number): Promise<void>
  /** Ends every member and removes their data. */
  remove(): Promise<void>
}

interface Member {
  readonly url: string
  readonly flags: readonly string[]
  process: ChildProcess
}

/** Makes a cluster and starts it. Throws where the binary is missing, saying how to get it. */
export const startEtcd = async ({ members: count = 1 }: { readonly members?: 1 | 3 } = {}): Promise<EtcdCluster> => {
  if (!existsSync(BINARY)) {
    throw new Error(
      `etcd is not at ${BINARY}: these tests run against a real one. Install it (Debian: apt-get install etcd-server), ` +
        'or set FIREDRILL_ETCD_BIN to its path, or FIREDRILL_NO_ETCD=1 to skip them.',
    )
  }
  const home = await mkdtemp(join(tmpdir(), 'firedrill-etcd-'))
  const members = membersOf(home, count, await freePorts(2 * count)).map(
    (plan): Member => ({ ...plan, process: launch(plan.flags) }),
  )
  const at = (index: number): Member => {
    const member = members[index]
    if (!member) throw new RangeError(`There is no etcd member ${index}: expected 0 to ${count - 1}.`)
    return member
  }
  const remove = async (): Promise<void> => {
    await Promise.all(members.map((member) => ended(member.process, 'SIGKILL')))
    await rm(home, { recursive: true, force: true })
  }
  await Promise.all(members.map((member) => answers(member))).catch(async (error: unknown) => {
    await remove()
    throw error
  })
  return {
    urls: members.map(({ url }) => url),
    kill: (index) => ended(at(index).process, 'SIGKILL'),
    stop: (index) => ended(at(index).process, 'SIGTERM'),
    pause: (index) => void at(index).process.kill('SIGSTOP'),
    resume: (index) => void at(index).process.kill('SIGCONT'),
    async start(index) {
      const member = at(index)
      if (isRunning(member.process)) return
      member.process = launch(member.flags)
      const running = members.filter((each) => isRunning(each.process)).length
      if (running * 2 > count) await answers(member)
    },
    remove,
  }
}

// Short elections, so that a test of a lost leader takes a second and not five.
const SHARED_FLAGS = [
  '--enable-v2=false',
  '--heartbeat-interval=50',
  '--election-timeout=500',
  '--logger=zap',
  '--log-outputs=/dev/null',
]

const membersOf = (home: string, count: number, ports: readonly number[]) => {
  const peers = Array.from({ length: count }, (_, index) => `http://127.0.0.1:${ports[count + index]}`)
  const cluster = peers.map((peer, index) => `member-${index}=${peer}`).join(',')
  return peers.map((peer, index) => {
    const url = `http://127.0.0.1:${ports[index]}`
    const own = {
      name: `member-${index}`,
      'data-dir': join(home, `member-${index}`),
      'listen-client-urls': url,
      'advertise-client-urls': url,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': cluster,
    }
    return { url, flags: [...SHARED_FLAGS, ...Object.entries(own).map(([name, value]) => `--${name}=${value}`)] }
  })
}

const launch = (flags: readonly string[]): ChildProcess => {
  // ETCD_UNSUPPORTED_ARCH lets etcd 3.4 start on machines of the arm64 kind; elsewhere it is ignored.
  const env = { PATH: process.env.PATH, ...(process.arch === 'arm64' ? { ETCD_UNSUPPORTED_ARCH: 'arm64' } : {}) }
  const child = spawn(BINARY, flags, { stdio: 'ignore', env })
  // A test process that ends without its teardown must not leave etcd behind.
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  return child
}

/** Waits until the member answers a linearizable read, which takes a leader and a quorum. */
const answers = async ({ url, process: child }: Member): Promise<void> => {
  const deadline = Date.now() + START_LIMIT_MS
  while (Date.now() < deadline && isRunning(child)) {
    const read = { method: 'POST', body: '{"key":"AA=="}', signal: AbortSignal.timeout(1_000) }
    const isUp = await fetch(`${url}/v3/kv/range`, read).then(
      // An etcd that asks for a password says so only after it has a quorum.
      async (answer) => (await answer.text()) !== '' && answer.status < 500,
      () => false,
    )
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`etcd did not answer at ${url} within ${START_LIMIT_MS / 1_000} s (exit code ${child.exitCode}).`)
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

const ended = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (!isRunning(child)) return
  const exit = once(child, 'exit')
  child.kill(signal)
  // A frozen member would keep SIGTERM waiting for ever.
  child.kill('SIGCONT')
  await exit
}

/** Ports that were free at the same moment, so that no two of them are the same. */
const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map(portOf)
  for (const server of servers) server.close()
  return ports
}

const portOf = (server: Server): number => {
  const address = server.address()
  if (address && typeof address === 'object') return address.port
  throw new Error('This machine gave no free port on 127.0.0.1.')
}
