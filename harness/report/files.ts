// Files that are either whole or not there: written beside their place, then renamed into it.
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Whether there is a file or a folder of that name. */
export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Names a file that could not be written, and why; names none where it was: 'index.html (ENOSPC: no space left on device)'. */
export const unwritten = (name: string, write: () => Promise<void>): Promise<readonly string[]> =>
  write().then(
    () => [],
    // What follows is a path beside it, which is nobody's.
    (error: Error) => [`${name} (${error.message.split(', ')[0]})`],
  )

/** Writes a file so that no reader ever sees half of it. Makes its folder where there is none. */
export const writeWhole = async (file: string, content: string | Uint8Array): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  const beside = join(dirname(file), `.${basename(file)}.${randomUUID()}`)
  try {
    await writeFile(beside, content)
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
