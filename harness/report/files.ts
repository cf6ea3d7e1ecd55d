// Files that are either whole or not there: written beside their place, then renamed into it.
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

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
