// Starts the Docker engine that is installed here, detached from us, and waits until it answers.
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { EnvironmentError } from '../time/errors.ts'
import { lastLines, run } from './command.ts'
import { askEngine, type Engine } from './engine.ts'
import { clearPidFiles, enginePidFiles } from './pid-files.ts'

const logFile = '/var/log/firedrill-dockerd.log'
const leaveLimitMs = 10_000
const engineNiceness = 10
const answerLimitMs = 30_000

/** The engine as we start it ourselves, and that without containers that outlive it. */
export const engineCommands = { liveRestore: ['dockerd', '--live-restore'], plain: ['dockerd'] } as const

/** The command that starts the engine here: for a person to read, and for us to run. */
export const startCommand = async (): Promise<readonly string[]> =>
  (await isSystemd()) ? ['systemctl', 'start', 'docker'] : engineCommands.liveRestore

/**
 * Starts the engine and waits for its API; by `startCommand` where nothing else is said. Throws EnvironmentError ERR_ENGINE_START,
 * with the engine's last words.
 */
export const startEngine = async (otherCommand?: readonly string[]): Promise<Engine> => {
  const command = otherCommand ?? (await startCommand())
  if (command[0] === 'systemctl') {
    const { ok, output } = await run(command, { limitMs: 60_000 })
    if (!ok) throw notStarted('systemd reports a failure (`journalctl -u docker` has more)', output)
    return answerOf(
      async () => (await run(['journalctl', '-u', 'docker', '-n', '20', '--no-pager'], { limitMs: 5000 })).output,
    )
  }
  const alive = await clearPidFiles(enginePidFiles, { limitMs: leaveLimitMs })
  const dockerd = alive.find(({ program }) => program === 'dockerd')
  if (dockerd) {
    throw new EnvironmentError(
      `dockerd runs as process ${dockerd.pid} and does not answer: end it, or wait until it does.`,
      {
        code: 'ERR_ENGINE_SILENT',
      },
    )
  }
  return answerOf(async () => readFile(logFile, 'utf8').catch(() => ''), spawnDetached(command))
}

/** What of our own variables an engine would keep for good: where we keep our own temporary files is gone before it ends, and then nothing runs in a container any more. */
const OURS = /^(?:TMPDIR|TMP|TEMP|FIREDRILL_.*|npm_.*|NODE_.*|VITEST.*)$/i

/** The variables that an engine is started with: ours, as a proxy, but for those that are of this process alone. */
export const engineEnvironment = (own: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(own).filter(([name]) => !OURS.test(name)))

/**
 * Not our child in any way that matters: its own session, its output in a file, so it outlives us and keeps no terminal.
 * Answers with a look at whether it has ended already.
 */
const spawnDetached = ([program = 'dockerd', ...args]: readonly string[]): (() => boolean) => {
  let hasEnded = false
  const log = openSync(logFile, 'a')
  const env = engineEnvironment(process.env)
  const child = spawn(program, args, { detached: true, cwd: '/', env, stdio: ['ignore', log, log] })
  const end = () => {
    hasEnded = true
  }
  // The engine's own work, starting and ending containers, gives way to the containers that are already at work.
  if (child.pid !== undefined) setPriority(child.pid, engineNiceness)
  child.on('error', end)
  child.on('exit', end)
  child.unref()
  closeSync(log)
  return () => hasEnded
}

const answerOf = async (lastWords: () => Promise<string>, hasEnded: () => boolean = () => false): Promise<Engine> => {
  const endAt = performance.now() + answerLimitMs
  while (performance.now() < endAt && !hasEnded()) {
    const answer = await askEngine()
    if (answer.outcome === 'answers') return answer.engine
    await delay(100)
  }
  const what = hasEnded() ? 'ended before it answered' : `did not answer within ${answerLimitMs / 1000} s`
  throw notStarted(what, await lastWords())
}

const notStarted = (what: string, lastWords: string): EnvironmentError =>
  new EnvironmentError(`The Docker engine was started and ${what}. Its last words:\n${lastLines(lastWords)}`, {
    code: 'ERR_ENGINE_START',
  })

const isSystemd = async (): Promise<boolean> =>
  (await readFile('/proc/1/comm', 'utf8').catch(() => '')).trim() === 'systemd'
