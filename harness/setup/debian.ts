// What this machine is, and installing packages on it where it is Debian or Ubuntu and we are root.
import { readdir, readFile, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { EnvironmentError } from '../time/errors.ts'
import { inTurn } from '../time/turns.ts'
import { lastLines, run } from './command.ts'
import type { Say } from './step.ts'

/** Whether set-up may install, and whether it asks first. */
export interface Consent {
  readonly install: boolean
  readonly ask: 'never' | 'terminal'
}

/** 'debian', 'ubuntu', another distribution's id, or the platform's name where there is none. */
export const distribution = async (): Promise<{ readonly id: string; readonly codename: string }> => {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1]
  return { id: field('ID') ?? process.platform, codename: field('VERSION_CODENAME') ?? '' }
}

export const isRoot = (): boolean => process.getuid?.() === 0

/** Whether apt-get can be used here, by us, now. */
export const mayUseApt = async ({ install }: Consent): Promise<boolean> =>
  install && isRoot() && ['debian', 'ubuntu'].includes((await distribution()).id)

/** The command a person would type for the same packages. */
export const aptCommand = (packages: readonly string[]): string =>
  `apt-get install -y --no-install-recommends ${packages.join(' ')}`

/** One installation at a time, its question among it: dpkg has one lock, and a person can answer one question. */
export const installingInTurn = inTurn()

/**
 * Installs packages, asking once on a terminal, when it is its turn.
 * Throws EnvironmentError ERR_NOT_ALLOWED when the answer is no, ERR_INSTALL when apt-get fails.
 */
export const aptInstall = (
  packages: readonly string[],
  { consent, tell }: { consent: Consent; tell: Say },
): Promise<void> =>
  installingInTurn(async () => {
    const command = aptCommand(packages)
    await agreed([command], consent)
    tell(command)
    await installed(packages)
  })

/** Asks y/N on a terminal, naming the exact commands; unattended elsewhere, and in CI. */
export const agreed = async (commands: readonly string[], { ask }: Consent): Promise<void> => {
  if (ask === 'never' || process.env.CI === 'true' || !process.stdin.isTTY) return
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(
    `  To go on, firedrill runs as root:\n${commands.map((line) => `    ${line}\n`).join('')}  Go on? [y/N] `,
  )
  terminal.close()
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new EnvironmentError(`Nothing was installed, as you said. Run it yourself: ${commands.join(' && ')}`, {
    code: 'ERR_NOT_ALLOWED',
  })
}

const installed = async (packages: readonly string[]): Promise<void> => {
  const fresh = await listsAreFresh()
  if (!fresh) await updated()
  let done = await aptGet(['install', '-y', '--no-install-recommends', ...packages])
  if (!done.ok && fresh) {
    await updated()
    done = await aptGet(['install', '-y', '--no-install-recommends', ...packages])
  }
  if (!done.ok) throw failed(aptCommand(packages), done.output)
}

const updated = async (): Promise<void> => {
  const { ok, output } = await aptGet(['update'])
  if (!ok) throw failed('apt-get update', output)
}

const aptGet = (args: readonly string[]) =>
  run(['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    limitMs: 600_000,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  })

const failed = (command: string, output: string): EnvironmentError =>
  new EnvironmentError(`\`${command}\` failed. Its last lines:\n${lastLines(output)}`, { code: 'ERR_INSTALL' })

/** Package lists younger than a day are good enough to try with. */
const listsAreFresh = async (folder = '/var/lib/apt/lists'): Promise<boolean> => {
  const lists = (await readdir(folder).catch(() => [])).filter((name) => /_(Packages|InRelease)(\.|$)/.test(name))
  if (lists.length === 0) return false
  const { mtimeMs } = await stat(folder)
  return Date.now() - mtimeMs < 24 * 3600_000
}
