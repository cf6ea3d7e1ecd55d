// A lease that many keys share and that is replaced now and then, so that each of them ends some time after it was put.
import { deadline, type EtcdClient } from './etcd-client.ts'

export interface RotatingLease {
  /** The lease to put a key under now. */
  id(): Promise<string>
  /** Etcd does not know it any more: the next key gets a new one. */
  forget(): void
}

/** Keys live at least `seconds` under it, and at most a third longer. */
export const rotatingLease = (client: EtcdClient, seconds: number): RotatingLease => {
  const spareSeconds = Math.ceil(seconds / 3)
  let current: { readonly id: Promise<string>; readonly replaceAt: number } | undefined
  return {
    id() {
      if (!current || performance.now() >= current.replaceAt) {
        const id = grantLease(client, seconds + spareSeconds)
        current = { id, replaceAt: performance.now() + spareSeconds * 1_000 }
        id.catch(() => {
          current = undefined
        })
      }
      return current.id
    },
    forget() {
      current = undefined
    },
  }
}

/** A new lease of so many seconds. Asked twice it makes two, and the one nobody uses ends by itself. */
export const grantLease = async (client: EtcdClient, seconds: number): Promise<string> => {
  const reply = await client.repeat('/v3/lease/grant', { TTL: String(Math.max(1, Math.ceil(seconds))) }, deadline())
  return String(reply.ID)
}
