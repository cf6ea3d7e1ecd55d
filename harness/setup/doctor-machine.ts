// The tools of this machine as doctor sees them: Node, the engine, Compose, the browser, the images, the room there is.
import { statfs } from 'node:fs/promises'
import { findBrowser } from './browser.ts'
import { type Check, good, type Look, missing, note, unknown } from './check.ts'
import { run } from './command.ts'
import { askCompose } from './compose-command.ts'
import { engineApi, engineInfo } from './docker.ts'
import { imagesCheck } from './doctor-images.ts'
import { type EngineAnswer, isThisMachines } from './engine.ts'
import { noEngine } from './engine-ready.ts'

const sayVersionLimitMs = 1500
/** A plug-in that is still silent leaves time to say so, before all of doctor's is over. */
const composeLimitMs = 1000
const gigabyte = 1024 ** 3

/** What to look at, in the order it is shown. `refused`: why no engine could even be asked. */
export const machineChecks = (answer: EngineAnswer | undefined, refused?: Error): readonly Look[] => [
  { topic: 'node', look: async () => [node()] },
  { topic: 'engine', look: async () => [await (refused ? Promise.reject(refused) : engine(answer))] },
  { topic: 'room', look: async () => (answer?.outcome === 'answers' ? [await room(answer)] : []) },
  { topic: 'compose', look: async () => [await compose()] },
  { topic: 'browser', look: async () => [await browser()] },
  { topic: 'images', look: async () => (answer?.outcome === 'answers' ? [await imagesCheck()] : []) },
]

/** start.mjs refuses one that is too old before anything of this runs. */
const node = (): Check => good('node', process.version)

const engine = async (answer: EngineAnswer | undefined): Promise<Check> => {
  if (!answer) return missing('engine', 'no answer in time', 'Restart the Docker engine.')
  if (answer.outcome === 'no answer') return missing('engine', answer.trouble, (await noEngine(answer)).message)
  const { version, apiVersion } = answer.engine
  const { cgroup, storage, system, liveRestore } = await engineInfo(engineApi())
  const facts = [`Docker ${version}`, `API ${apiVersion}`, `cgroup v${cgroup}`, storage, system]
  return good('engine', [...facts, ...(liveRestore ? ['live-restore'] : [])].join(', '))
}

/** What a deployment with eight containers and their callers takes, from runs of our own. */
const least = { cpus: 2, memory: 3 * gigabyte, disk: 3 * gigabyte }

const room = async ({ endpoint }: EngineAnswer): Promise<Check> => {
  const { cpus, memory, folder } = await engineInfo(engineApi())
  const disk = isThisMachines(endpoint)
    ? await statfs(folder).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => undefined,
      )
    : undefined
  const said = [
    `${cpus} CPUs`,
    `${gigabytes(memory)} of memory`,
    ...(disk === undefined ? [] : [`${gigabytes(disk)} of disk free`]),
  ].join(', ')
  const isEnough = cpus >= least.cpus && memory >= least.memory && (disk ?? Infinity) >= least.disk
  return isEnough
    ? good('room', said)
    : note(
        'room',
        said,
        `A drill is at ease with ${least.cpus} CPUs, ${gigabytes(least.memory)} of memory and of disk; with less it may end inconclusive.`,
      )
}

const compose = async (): Promise<Check> => {
  const { command, version, isSilent } = await askCompose(composeLimitMs)
  const silence = `\`docker compose version\` gave no answer within ${composeLimitMs / 1000} s`
  if (!command && isSilent) return unknown('compose', silence)
  if (!command)
    return missing(
      'compose',
      'neither docker compose nor docker-compose',
      'Install the Compose plug-in, or docker-compose ≥ 1.29.',
    )
  if (isSilent) return good('compose', `${command.join(' ')} (${silence})`)
  if (version !== undefined) return good('compose', `${command.join(' ')} ${version}`)
  const { ok, stdout } = await run([...command, 'version', '--short'], { limitMs: sayVersionLimitMs })
  return good('compose', `${command.join(' ')}${ok ? ` ${stdout}` : ''}`)
}

const browser = async (): Promise<Check> => {
  const found = await findBrowser()
  if (!found)
    return missing(
      'browser',
      'no Chromium',
      'Run `npx playwright install --with-deps chromium`, or set FIREDRILL_BROWSER.',
    )
  if (found.executablePath === undefined) return good('browser', "Playwright's Chromium")
  const { ok, stdout } = await run([found.executablePath, '--version'], { limitMs: sayVersionLimitMs })
  return good('browser', `${found.executablePath}${ok ? ` (${stdout.split('\n').at(-1)?.trim()})` : ''}`)
}

const gigabytes = (bytes: number): string => `${(bytes / gigabyte).toFixed(1)} GB`
