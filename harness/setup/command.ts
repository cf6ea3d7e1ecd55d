// Runs programs of this machine, each with a limit, and keeps what they said. Set-up's door to zx.
import { $, which } from 'zx/core'

/** How a program ended. `output` is both streams, in the order they came. */
export interface Ran {
  readonly ok: boolean
  readonly output: string
  readonly stdout: string
}

/** Runs a program; one that is missing, fails, or is still running after `limitMs` is not ok, and never an exception. */
export const run = async (
  argv: readonly string[],
  { limitMs, env, cwd }: { limitMs: number; env?: Readonly<Record<string, string>>; cwd?: string },
): Promise<Ran> => {
  const options = {
    quiet: true,
    nothrow: true,
    timeout: limitMs,
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  }
  const ended = await $(options)`${[...argv]}`
  return { ok: ended.exitCode === 0, output: ended.stdall.trim(), stdout: ended.stdout.trim() }
}

/** Where PATH finds a program; undefined when it does not. */
export const onPath = (program: string): string | undefined => which.sync(program, { nothrow: true }) ?? undefined

/** The last lines of what a program said, for an error message. */
export const lastLines = (output: string, count = 8): string => output.trimEnd().split('\n').slice(-count).join('\n')
