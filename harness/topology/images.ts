// What the engine holds by the name of an image.
import { docker } from './docker.ts'

/** Image reference → image id, as they are now; 'unknown' where the engine has none by that name. */
export const imageIds = async (references: readonly string[]): Promise<Readonly<Record<string, string>>> => {
  const ids = [...new Set(references)].map(async (reference) => {
    const inspected = await docker()
      .getImage(reference)
      .inspect()
      .catch(() => null)
    return [reference, inspected?.Id ?? 'unknown'] as const
  })
  return Object.fromEntries(await Promise.all(ids))
}
