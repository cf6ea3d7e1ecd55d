// Doing what puts, deletes and transactions ask for: everything in one PostgreSQL transaction and one revision.
import { compactBefore, record } from '../configuration.ts'
import type { Database, Statements } from '../database.ts'
import { lockCounter, nextRevision } from '../revision.ts'
import { isTrue } from './compare.ts'
import type { Result } from './etcd-answers.ts'
import { refused } from './etcd-error.ts'
import {
  type DeleteRequest,
  everyKeyOf,
  type Operation,
  type PutRequest,
  rangeOf,
  type TxnRequest,
} from './etcd-requests.ts'
import { type Entry, readRange } from './keyspace.ts'
import { checkKeys } from './txn-keys.ts'

/** A transaction's one revision, taken when something is really changed: etcd gives none to a delete that finds nothing. */
interface Writing {
  readonly transaction: Statements
  /** The revision the next answer names. */
  revision: number
  changes: number
}

/** Runs one operation. Throws EtcdError, with nothing changed, where etcd refuses it. */
export const perform = (database: Database, operation: Operation): Promise<Result> => {
  if (operation.kind === 'txn') checkKeys(operation)
  return database.transaction(async (transaction) => {
    // Writers queue for the counter, so whatever is compared and read now stays as it is until this is committed.
    const { revision } = await lockCounter(transaction)
    const writing = { transaction, revision, changes: 0 }
    return await run(writing, await planned(transaction, operation))
  })
}

/** Forgets history before a revision. Throws EtcdError where that is done already, or the revision is not there yet. */
export const compactTo = (database: Database, wanted: number): Promise<number> =>
  database.transaction(async (transaction) => {
    const { revision, oldest } = await lockCounter(transaction)
    if (wanted <= oldest) throw refused.compacted()
    if (wanted > revision) throw refused.futureRevision()
    await compactBefore(transaction, wanted)
    return revision
  })

/** An operation with the way every transaction in it goes decided, before anything is written. */
type Planned = Exclude<Operation, TxnRequest> | PlannedTxn
interface PlannedTxn {
  readonly kind: 'txn'
  readonly succeeded: boolean
  readonly operations: readonly Planned[]
}

const planned = async (transaction: Statements, operation: Operation): Promise<Planned> => {
  if (operation.kind !== 'txn') return operation
  let succeeded = true
  for (const compare of operation.compare) succeeded &&= await isTrue(transaction, compare)
  const operations: Planned[] = []
  for (const each of succeeded ? operation.success : operation.failure) {
    operations.push(await planned(transaction, each))
  }
  return { kind: 'txn', succeeded, operations }
}

const run = async (writing: Writing, operation: Planned): Promise<Result> => {
  switch (operation.kind) {
    case 'range': {
      const found = await readRange(writing.transaction, operation)
      return { kind: 'range', keysOnly: operation.keysOnly, ...found, revision: writing.revision }
    }
    case 'put':
      return await put(writing, operation)
    case 'delete':
      return await remove(writing, operation)
    case 'txn': {
      const results: Result[] = []
      for (const each of operation.operations) results.push(await run(writing, each))
      return { kind: 'txn', revision: writing.revision, succeeded: operation.succeeded, results }
    }
  }
}

const put = async (writing: Writing, request: PutRequest): Promise<Result> => {
  const { key, prevKv, ignoreValue, ignoreLease } = request
  const previous = prevKv || ignoreValue || ignoreLease ? await readOne(writing.transaction, key) : undefined
  if ((ignoreValue || ignoreLease) && !previous) throw refused.keyNotFound()
  const value = ignoreValue ? (previous?.value ?? request.value) : request.value
  const lease = ignoreLease ? (previous?.lease ?? '0') : request.lease
  if (!ignoreLease && lease !== '0') await checkLease(writing.transaction, lease)
  await change(writing, { kind: 'put', key, value, lease })
  return { kind: 'put', revision: writing.revision, previous: prevKv ? previous : undefined }
}

const remove = async (writing: Writing, { range, prevKv }: DeleteRequest): Promise<Result> => {
  const { entries } = await readRange(writing.transaction, everyKeyOf(range))
  for (const { key } of entries) await change(writing, { kind: 'delete', key })
  return {
    kind: 'delete',
    revision: writing.revision,
    deleted: entries.length,
    previous: prevKv ? entries : [],
  }
}

const change = async (writing: Writing, what: Parameters<typeof record>[1]): Promise<void> => {
  if (writing.changes === 0) writing.revision = await nextRevision(writing.transaction)
  await record(writing.transaction, what, writing.revision, writing.changes)
  writing.changes += 1
}

const readOne = async (transaction: Statements, key: Buffer): Promise<Entry | undefined> =>
  (await readRange(transaction, everyKeyOf(rangeOf(key, Buffer.alloc(0))))).entries[0]

const checkLease = async (transaction: Statements, lease: string): Promise<void> => {
  const found = await transaction.query('SELECT 1 FROM config_lease WHERE id = $1', [lease])
  if (found.length === 0) throw refused.leaseNotFound()
}
