// The requests of etcd's key-value calls, read and checked as etcd checks them before it looks at any data.
import { refused } from './etcd-error.ts'
import type { Message } from './wire.ts'

/** A key range: from `from` inclusive to `below` exclusive; null is no upper end. */
export interface KeyRange {
  readonly from: Buffer
  readonly below: Buffer | null
}

const ORDERS = ['NONE', 'ASCEND', 'DESCEND'] as const
const SORT_TARGETS = ['KEY', 'VERSION', 'CREATE', 'MOD', 'VALUE'] as const
const COMPARE_TARGETS = ['VERSION', 'CREATE', 'MOD', 'VALUE', 'LEASE'] as const
const COMPARE_RESULTS = ['EQUAL', 'GREATER', 'LESS', 'NOT_EQUAL'] as const
/** etcd's --max-txn-ops. */
const MAX_TXN_OPS = 128

export interface RangeRequest {
  readonly kind: 'range'
  readonly range: KeyRange
  /** 0 is no limit. */
  readonly limit: number
  /** The configuration as it was at this revision; 0 is as it is. */
  readonly revision: number
  readonly order: (typeof ORDERS)[number]
  readonly sortBy: (typeof SORT_TARGETS)[number]
  readonly keysOnly: boolean
  readonly countOnly: boolean
  /** 0 is no bound. */
  readonly modRevision: { readonly min: number; readonly max: number }
  readonly createRevision: { readonly min: number; readonly max: number }
}

export interface PutRequest {
  readonly kind: 'put'
  readonly key: Buffer
  readonly value: Buffer
  readonly lease: string
  readonly prevKv: boolean
  readonly ignoreValue: boolean
  readonly ignoreLease: boolean
}

export interface DeleteRequest {
  readonly kind: 'delete'
  readonly range: KeyRange
  readonly prevKv: boolean
}

export interface Compare {
  readonly range: KeyRange
  readonly target: (typeof COMPARE_TARGETS)[number]
  readonly result: (typeof COMPARE_RESULTS)[number]
  /** What to compare with: bytes for VALUE, a whole number as text for the rest. */
  readonly with: Buffer | string
}

export interface TxnRequest {
  readonly kind: 'txn'
  readonly compare: readonly Compare[]
  readonly success: readonly Operation[]
  readonly failure: readonly Operation[]
}

export type Operation = RangeRequest | PutRequest | DeleteRequest | TxnRequest

export const rangeRequest = (message: Message): RangeRequest => ({
  kind: 'range',
  range: keyRange(message),
  limit: Math.max(0, message.number('limit')),
  revision: Math.max(0, message.number('revision')),
  order: message.choice('sort_order', ORDERS) ?? 'NONE',
  sortBy: message.choice('sort_target', SORT_TARGETS) ?? 'KEY',
  keysOnly: message.flag('keys_only'),
  countOnly: message.flag('count_only'),
  modRevision: { min: message.number('min_mod_revision'), max: message.number('max_mod_revision') },
  createRevision: { min: message.number('min_create_revision'), max: message.number('max_create_revision') },
})

/** A range request without wishes. */
export const everyKeyOf = (range: KeyRange): RangeRequest => ({
  kind: 'range',
  range,
  limit: 0,
  revision: 0,
  order: 'NONE',
  sortBy: 'KEY',
  keysOnly: false,
  countOnly: false,
  modRevision: { min: 0, max: 0 },
  createRevision: { min: 0, max: 0 },
})

export const putRequest = (message: Message): PutRequest => {
  const put: PutRequest = {
    kind: 'put',
    key: message.bytes('key'),
    value: message.bytes('value'),
    lease: message.id('lease'),
    prevKv: message.flag('prev_kv'),
    ignoreValue: message.flag('ignore_value'),
    ignoreLease: message.flag('ignore_lease'),
  }
  if (put.key.length === 0) throw refused.emptyKey()
  if (put.ignoreValue && put.value.length > 0) throw refused.valueProvided()
  if (put.ignoreLease && put.lease !== '0') throw refused.leaseProvided()
  return put
}

export const deleteRequest = (message: Message): DeleteRequest => ({
  kind: 'delete',
  range: keyRange(message),
  prevKv: message.flag('prev_kv'),
})

/** Reads a transaction with all that is in it. Throws what etcd throws, also for keys given twice. */
export const txnRequest = (message: Message): TxnRequest => {
  const lists = (['compare', 'success', 'failure'] as const).map((name) => message.messages(name))
  if (lists.some((list) => list.length > MAX_TXN_OPS)) throw refused.tooManyOps()
  const [compare = [], success = [], failure = []] = lists
  return {
    kind: 'txn',
    compare: compare.map(compareFrom),
    success: success.map(operationFrom),
    failure: failure.map(operationFrom),
  }
}

const operationFrom = (message: Message): Operation => {
  const range = message.message('request_range')
  const put = message.message('request_put')
  const remove = message.message('request_delete_range')
  const txn = message.message('request_txn')
  if (range) return rangeRequest(range)
  if (put) return putRequest(put)
  if (remove) return deleteRequest(remove)
  if (txn) return txnRequest(txn)
  throw refused.keyNotFound()
}

const compareFrom = (message: Message): Compare => {
  const target = message.choice('target', COMPARE_TARGETS) ?? 'VERSION'
  return {
    range: keyRange(message),
    target,
    result: message.choice('result', COMPARE_RESULTS) ?? 'EQUAL',
    with: wanted(message, target),
  }
}

const wanted = (message: Message, target: Compare['target']): Buffer | string => {
  if (target === 'VALUE') return message.bytes('value')
  if (target === 'CREATE') return message.id('create_revision')
  if (target === 'MOD') return message.id('mod_revision')
  return message.id(target === 'LEASE' ? 'lease' : 'version')
}

const keyRange = (message: Message): KeyRange => {
  const key = message.bytes('key')
  if (key.length === 0) throw refused.emptyKey()
  return rangeOf(key, message.bytes('range_end'))
}

const ZERO = Buffer.from([0])

/** etcd's way to name a range: no end is one key, an end of one zero byte is no end at all. */
export const rangeOf = (key: Buffer, end: Buffer): KeyRange => {
  if (end.equals(ZERO)) return { from: key, below: null }
  return { from: key, below: end.length === 0 ? Buffer.concat([key, ZERO]) : end }
}

/** True when the range holds the key. */
export const isIn = ({ from, below }: KeyRange, key: Buffer): boolean =>
  key.compare(from) >= 0 && (below === null || key.compare(below) < 0)
