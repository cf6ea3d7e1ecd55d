// No key may be put twice in one transaction, nor put and deleted: all of it is one revision, which has one value a key.
import { refused } from './etcd-error.ts'
import { isIn, type KeyRange, type Operation, type TxnRequest } from './etcd-requests.ts'

/** What a list of operations may put and delete, whichever ways its nested transactions go. */
interface Touched {
  readonly puts: ReadonlySet<string>
  readonly deletes: readonly KeyRange[]
}

/** Throws where etcd finds a key given twice; it looks at success and failure apart. */
export const checkKeys = ({ success, failure }: TxnRequest): void => {
  touchedBy(success)
  touchedBy(failure)
}

const touchedBy = (operations: readonly Operation[]): Touched => {
  const deletes = operations.flatMap((each) => (each.kind === 'delete' ? [each.range] : []))
  const puts = new Set<string>()
  const add = (key: string, isSafe = false): void => {
    if ((puts.has(key) && !isSafe) || deletes.some((range) => isIn(range, Buffer.from(key, 'latin1')))) {
      throw refused.duplicateKey()
    }
    puts.add(key)
  }
  for (const nested of operations) {
    if (nested.kind !== 'txn') continue
    const [ifSo, ifNot] = [touchedBy(nested.success), touchedBy(nested.failure)]
    for (const key of ifSo.puts) add(key)
    // Only one of the two ways is gone, so both may put the same key.
    for (const key of ifNot.puts) add(key, ifSo.puts.has(key))
    deletes.push(...ifSo.deletes, ...ifNot.deletes)
  }
  for (const each of operations) if (each.kind === 'put') add(each.key.toString('latin1'))
  return { puts, deletes }
}
