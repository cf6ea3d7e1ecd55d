// Looks for a call's own id in the body of its answer, in whatever pieces the body comes.

/** Feed it every chunk; `found` says whether the body held the text. Keeps no more than the text's own length. */
export interface Search {
  feed(chunk: Buffer): void
  found(): boolean
}

export const createSearch = (text: string): Search => {
  const wanted = Buffer.from(text)
  let isFound = false
  let tail: Buffer | null = null
  return {
    feed: (chunk) => {
      if (isFound) return
      const joined = tail === null ? chunk : Buffer.concat([tail, chunk])
      isFound = joined.includes(wanted)
      // Copied, because the parser reuses the memory under its chunks.
      if (!isFound) tail = Buffer.from(joined.subarray(Math.max(0, joined.length - wanted.length + 1)))
    },
    found: () => isFound,
  }
}
