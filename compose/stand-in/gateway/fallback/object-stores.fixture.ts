// Real object stores for tests, as processes on loopback: the servers of our images, with folders that go at the end.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface RunningStore {
  /** The FALLBACK_CP_* variables that lead a gateway to it. */
  readonly environment: Readonly<Record<string, string>>
  /** Ends it the hard way; its data stay. */
  kill(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

const startLimitMs = 20_000
export const secret = 'wJalrXUtnFEMI-k7MDENG'

export async function s3Server(): Promise<RunningStore> {
  const port = await freePort()
  return runningStore(
    'object-store',
    { OBJECT_STORE_ADDRESS: '127.0.0.1', OBJECT_STORE_PORT: port, OBJECT_STORE_SECRET_KEY: secret },
    'OBJECT_STORE_FOLDER',
    {
      FALLBACK_CP_S3_ACCESS_KEY: 'firedrill',
      FALLBACK_CP_S3_SECRET_KEY: secret,
      FALLBACK_CP_S3_REGION: 'us-east-1',
      FALLBACK_CP_S3_RESOURCE_BUCKET: 'resource',
      FALLBACK_CP_S3_CONFIG_BUCKET: 'config',
      FALLBACK_CP_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      FALLBACK_CP_S3_USE_PATH_STYLE: 'true',
    },
  )
}

export async function azureServer(): Promise<RunningStore> {
  const port = await freePort()
  const accountKey = Buffer.from(secret).toString('base64')
  return runningStore(
    'azurite',
    { AZURITE_ADDRESS: '127.0.0.1', AZURITE_PORT: port, AZURITE_ACCOUNT_KEY: accountKey },
    'AZURITE_FOLDER',
    {
      FALLBACK_CP_AZURE_ACCOUNT_NAME: 'firedrill',
      FALLBACK_CP_AZURE_ACCOUNT_KEY: accountKey,
      FALLBACK_CP_AZURE_RESOURCE_CONTAINER: 'resource',
      FALLBACK_CP_AZURE_CONFIG_CONTAINER: 'config',
      FALLBACK_CP_AZURE_ENDPOINT: `http://127.0.0.1:${port}/firedrill`,
    },
  )
}

async function runningStore(
  image: string,
  settings: Readonly<Record<string, string>>,
  folderVariable: string,
  environment: RunningStore['environment'],
): Promise<RunningStore> {
  const folder = await mkdtemp(join(tmpdir(), `firedrill-${image}-`))
  const program = fileURLToPath(new URL(`../../../images/${image}/server.mjs`, import.meta.url))
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const env = { PATH: process.env.PATH, ...settings, [folderVariable]: folder }
    child = await listening(spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'], env }), image)
  }
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
  }
  await start()
  return {
    environment,
    start,
    kill,
    async remove() {
      await kill()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Resolves with the process once it says that it listens. */
async function listening(child: ChildProcess, image: string): Promise<ChildProcess> {
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  if (child.stdout === null) throw new Error(`${image} has no output`)
  const signal = AbortSignal.timeout(startLimitMs)
  await once(createInterface(child.stdout), 'line', { signal }).catch((error) => {
    end()
    throw new Error(`${image} did not listen within ${startLimitMs / 1_000} s`, { cause: error })
  })
  return child
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('This machine gave no free port on 127.0.0.1')
  return String(address.port)
}
