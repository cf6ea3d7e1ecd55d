// The servers that `npm test` starts by itself on loopback: PostgreSQL, etcd and HAProxy, as Debian packs them.
import { existsSync, rmSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvironmentError } from '../time/errors.ts'
import { onPath } from './command.ts'
import { aptCommand, aptInstall, type Consent, mayUseApt } from './debian.ts'
import type { Say } from './step.ts'

/** One server: whether it is here, and the package that brings it. */
interface TestServer {
  readonly name: string
  readonly packages: readonly string[]
  readonly isHere: () => boolean
}

const postgresBinaries = (): string => process.env.FIREDRILL_POSTGRES_BIN || '/usr/lib/postgresql/15/bin'

const servers: readonly TestServer[] = [
  {
    name: 'PostgreSQL 15',
    packages: ['postgresql-15'],
    isHere: () => process.env.FIREDRILL_NO_POSTGRES === '1' || existsSync(join(postgresBinaries(), 'initdb')),
  },
  {
    name: 'etcd',
    packages: ['etcd-server', 'etcd-client'],
    isHere: () => process.env.FIREDRILL_NO_ETCD === '1' || onPath('etcd') !== undefined,
  },
  { name: 'HAProxy', packages: ['haproxy'], isHere: () => onPath('haproxy') !== undefined },
]

/** Every server is here. Installed, and not started as a service, where it is missing and may be. Throws ERR_TEST_SERVERS. */
export const testServersReady = async (
  consent: Consent,
  tell: Say,
): Promise<{ readonly value: readonly string[]; readonly text: string }> => {
  const value = servers.map(({ name }) => name)
  const missing = servers.filter(({ isHere }) => !isHere())
  if (missing.length === 0) return { value, text: `${value.join(', ')} are there` }
  const packages = missing.flatMap((server) => server.packages)
  if (!(await mayUseApt(consent))) throw absent(missing, packages)
  await withoutServices(() => aptInstall(packages, { consent, tell }))
  const still = servers.filter(({ isHere }) => !isHere())
  if (still.length > 0) throw absent(still, packages)
  return { value, text: `${missing.map(({ name }) => name).join(', ')} installed` }
}

const absent = (missing: readonly TestServer[], packages: readonly string[]): EnvironmentError =>
  new EnvironmentError(
    `The tests need ${missing.map(({ name }) => name).join(', ')} on this machine: on Debian, ${aptCommand(packages)}.`,
    { code: 'ERR_TEST_SERVERS' },
  )

const POLICY = '/usr/sbin/policy-rc.d'

const OURS = '#!/bin/sh\n# While firedrill installs the servers that its tests start by themselves.\nexit 101\n'

/** Those that end a process that does nothing about them. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Debian starts a service when it is installed, unless this program says no (101). One that is there is left alone, unless it is ours, of
 * an installation that was killed. No service of the machine could be started while it is there, so it goes whatever becomes of `install`.
 */
export const withoutServices = async (install: () => Promise<void>, policy = POLICY): Promise<void> => {
  // One that cannot be read is somebody's.
  if (existsSync(policy) && (await readFile(policy, 'utf8').catch(() => '')) !== OURS) return install()
  const end = (signal: NodeJS.Signals): void => {
    rmSync(policy, { force: true })
    process.kill(process.pid, signal)
  }
  for (const signal of ENDING) process.once(signal, end)
  try {
    await writeFile(policy, OURS, { mode: 0o755 })
    await install()
  } finally {
    for (const signal of ENDING) process.off(signal, end)
    await rm(policy, { force: true })
  }
}
