// The store of the fallback configuration: two objects a gateway group, each in its own bucket under the group's short id.

export type ObjectKind = 'resource' | 'config'

export interface ObjectStore {
  /** How it is called in logs and errors; never with a key. */
  readonly name: string
  read(kind: ObjectKind, key: string): Promise<string>
  write(kind: ObjectKind, key: string, text: string): Promise<void>
  close(): void
}

/** One attempt's limits; the SDKs retry by themselves, three attempts in all. */
export const storeLimits = { connectMs: 3_000, requestMs: 10_000, attempts: 3 }
