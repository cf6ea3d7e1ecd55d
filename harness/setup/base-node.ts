// A Node base of our own: the Debian base, the Node 24 that npm locked, and npm itself.
import { existsSync, realpathSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Docker from 'dockerode'
import { EnvironmentError } from '../time/errors.ts'
import { lastLines, onPath, run } from './command.ts'
import { buildImage } from './image-build.ts'
import { sha256, tarOf } from './image-inputs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const nodePackage = join(root, 'node_modules', `node-linux-${process.arch}`)
const dockerfile = join(root, 'compose/images/base/Dockerfile')

/** What the base is made from, as one hash: the Debian below it, Node's version, the Dockerfile. */
export const nodeRecipe = async (debianId: string): Promise<string> => {
  const manifest = await readFile(join(nodePackage, 'package.json'), 'utf8').catch(() => '')
  return sha256(JSON.stringify([debianId, manifest, await readFile(dockerfile, 'utf8')]))
}

/** Builds the base under `tag`; answers with its id. */
export const makeNode = async (
  docker: Docker,
  { tag, debian, inputs }: { tag: string; debian: string; inputs: string },
): Promise<string> => {
  const binary = join(nodePackage, 'bin')
  if (!existsSync(join(binary, 'node'))) {
    throw new EnvironmentError(
      `A Node base needs the package node-linux-${process.arch}, which is not installed: load node:24-bookworm-slim into the engine.`,
      { code: 'ERR_NO_BASE' },
    )
  }
  const temporary = await mkdtemp(join(tmpdir(), 'firedrill-npm-'))
  try {
    const npm = ownNpm() ?? (await packedNpm(temporary))
    const context = tarOf([
      { from: binary, entries: ['node'] },
      { from: dirname(npm), entries: ['npm'] },
      { from: dirname(dockerfile), entries: ['Dockerfile'] },
    ])
    return await buildImage(docker, { tag, context, inputs, buildArgs: { DEBIAN_BASE: debian } })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** The npm this machine uses, when it is whole: Debian's own package spreads its dependencies over the system. */
const ownNpm = (): string | undefined => {
  const program = onPath('npm')
  if (program === undefined) return undefined
  const folder = dirname(dirname(realpathSync(program)))
  return folder.endsWith('/npm') && existsSync(join(folder, 'node_modules')) ? folder : undefined
}

const packedNpm = async (folder: string): Promise<string> => {
  const packed = await run(['npm', 'pack', 'npm@11', '--silent', '--pack-destination', folder], { limitMs: 60_000 })
  const file = packed.stdout.split('\n').at(-1) ?? ''
  const unpacked = packed.ok
    ? await run(['tar', '-xzf', join(folder, file), '-C', folder], { limitMs: 30_000 })
    : packed
  if (!unpacked.ok) {
    throw new EnvironmentError(
      `npm could not be packed for the Node base. Its last lines:\n${lastLines(unpacked.output)}`,
      {
        code: 'ERR_NO_BASE',
      },
    )
  }
  await rename(join(folder, 'package'), join(folder, 'npm'))
  return join(folder, 'npm')
}
