// What goes into an image: the files, their one hash, and the stream that takes them to the engine.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, normalize } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'

/** The label that says from which inputs an image was built. */
export const inputsLabel = 'firedrill.inputs'

const leftOut = /(^|\/)(node_modules|\.git|Dockerfile|[^/]+\.test\.ts)(\/|$)/

/** Every file of the inputs, relative to the context, sorted; tests and node_modules are left out. */
export const inputFiles = async (context: string, inputs: readonly string[]): Promise<readonly string[]> => {
  const lists = await Promise.all(inputs.map((input) => filesUnder(context, normalize(input))))
  return [...new Set(lists.flat())].sort()
}

/** sha256 over the named parts and the files' names and contents: equal exactly when a build would get the same input. */
export const inputsHash = async (
  parts: Readonly<Record<string, string>>,
  { context, files }: { context: string; files: readonly string[] },
): Promise<string> => {
  const contents = await Promise.all(files.map(async (file) => [file, sha256(await readFile(join(context, file)))]))
  const sorted = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(JSON.stringify([sorted, contents]))
}

/** One tar stream out of several folders, each entry named from its folder on: no copy is made first. */
export const tarOf = (folders: readonly { from: string; entries: readonly string[] }[]): Readable => {
  // Whoever cloned with a strict umask still gets an image that its unprivileged user can read.
  const mode = process.platform === 'linux' ? ['--mode=a+rX,u+w'] : []
  const args = folders.flatMap(({ from, entries }) => (entries.length === 0 ? [] : ['-C', from, ...entries]))
  return streamOf(['-c', ...mode, '-f', '-', ...args])
}

/** A whole file system as a tar stream: owners by number and modes as they are. */
export const tarOfSystem = (root: string): Readable => streamOf(['-c', '--numeric-owner', '-f', '-', '-C', root, '.'])

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

const streamOf = (args: readonly string[]): Readable => {
  // Without this, macOS adds its extended attributes as extra files.
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, COPYFILE_DISABLE: '1' } })
  let complaint = ''
  tar.stderr.on('data', (data) => {
    complaint += data
  })
  // Node throws away what a program that ended wrote to an output nobody reads yet; the stream handed out keeps it.
  const kept = new PassThrough()
  tar.stdout.pipe(kept, { end: false })
  tar.on('error', (error) => kept.destroy(error))
  tar.on('close', (code) => {
    if (code === 0) kept.end()
    else kept.destroy(new Error(`tar ended with ${code}: ${complaint.trim()}`))
  })
  return kept
}

const filesUnder = async (context: string, path: string): Promise<readonly string[]> => {
  if (path !== '.' && leftOut.test(path)) return []
  const whole = join(context, path)
  if ((await stat(whole)).isFile()) return [join(dirname(path), basename(path))]
  const names = await readdir(whole)
  return (await Promise.all(names.map((name) => filesUnder(context, join(path, name))))).flat()
}
