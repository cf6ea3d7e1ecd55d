// A transaction's conditions: every key of the compared range has to meet one.
import type { Statements } from '../database.ts'
import { type Compare, everyKeyOf } from './etcd-requests.ts'
import { type Entry, readRange } from './keyspace.ts'

/** True when the condition holds. A key that is not there has 0 for its numbers, and no value that anything equals. */
export const isTrue = async (transaction: Statements, compare: Compare): Promise<boolean> => {
  const { entries } = await readRange(transaction, everyKeyOf(compare.range))
  if (entries.length > 0) return entries.every((entry) => meets(compare, entry))
  return compare.target !== 'VALUE' && meets(compare, NOT_THERE)
}

const NOT_THERE: Entry = {
  key: Buffer.alloc(0),
  value: null,
  createRevision: 0,
  modRevision: 0,
  version: 0,
  lease: '0',
}

const meets = ({ result, ...compare }: Compare, entry: Entry): boolean => {
  const order = orderOf(compare, entry)
  switch (result) {
    case 'EQUAL':
      return order === 0
    case 'GREATER':
      return order > 0
    case 'LESS':
      return order < 0
    case 'NOT_EQUAL':
      return order !== 0
  }
}

const orderOf = (compare: Pick<Compare, 'target' | 'with'>, entry: Entry): number => {
  if (typeof compare.with !== 'string') return Buffer.compare(entry.value ?? Buffer.alloc(0), compare.with)
  const [is, wanted] = [BigInt(numberOf(compare.target, entry)), BigInt(compare.with)]
  return is === wanted ? 0 : is > wanted ? 1 : -1
}

const numberOf = (target: Compare['target'], entry: Entry): number | string => {
  if (target === 'CREATE') return entry.createRevision
  if (target === 'MOD') return entry.modRevision
  return target === 'LEASE' ? entry.lease : entry.version
}
