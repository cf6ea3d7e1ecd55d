// A sensor drill whose harness is a process of its own: its disk can be full, and its clocks wrong, without anybody else's being so.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Drilled, playSensorDrill, type SensorDrill } from './sensor-drill.fixture.ts'

interface Apart {
  readonly outage: SensorDrill['outage']
  /** Variables of the harness, and so of its callers. */
  readonly env?: Readonly<Record<string, string>>
  /** Called as the fault takes effect. */
  readonly sicken?: (harness: ChildProcess, folder: string) => Promise<void>
}

type Said = { readonly folder: string } | { readonly drilled: Drilled }

/** Plays it; rejects where the harness ends without a result. */
export const playApart = async ({ outage, env = {}, sicken }: Apart): Promise<Drilled> => {
  const harness = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(outage)], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  harness.stderr.pipe(process.stderr)
  const ended = once(harness, 'exit')
  let drilled: Drilled | null = null
  for await (const line of createInterface({ input: harness.stdout })) {
    const said = JSON.parse(line) as Said
    if ('drilled' in said) drilled = said.drilled
    // The harness goes on only once its input has ended: its sickness is over by then, or stays.
    else void Promise.resolve(sicken?.(harness, said.folder)).finally(() => harness.stdin.end())
  }
  await ended
  if (drilled === null) throw new Error('The harness ended without a result; its own words are above.')
  return drilled
}

export const sizeOf = (folder: string, file: string): number => statSync(join(folder, file)).size

// A history is longer than the calls files, so that a limit can be met by the history alone.
const LONG = 'x'.repeat(48_000)

const say = (said: Said): boolean => process.stdout.write(`${JSON.stringify(said)}\n`)

if (import.meta.main) {
  // Without this the first byte above the limit would end the process, where a full disk only refuses it.
  process.on('SIGXFSZ', () => {})
  const drilled = await playSensorDrill({
    outage: JSON.parse(process.argv[2] ?? '[]'),
    sicken: async ({ spawned: { recorder, clock, folder } }) => {
      await recorder.recordSynced({ kind: 'step', at: clock.now(), id: 1, stage: 'begin', title: LONG })
      say({ folder })
      await once(process.stdin.resume(), 'end')
    },
  })
  say({ drilled })
}
