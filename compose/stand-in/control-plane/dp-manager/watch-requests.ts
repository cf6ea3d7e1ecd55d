// The messages of a watch stream, as etcd reads them.
import { type KeyRange, rangeOf } from './etcd-requests.ts'
import { type Message, messageFrom } from './wire.ts'

/** One watch to be made. */
export interface CreateWatch {
  readonly kind: 'create'
  /** The client's own id for it; '0' lets the server choose. */
  readonly id: string
  /** Undefined where the range holds nothing, which etcd refuses. */
  readonly range: KeyRange | undefined
  /** 0 is from now on. */
  readonly startRevision: number
  readonly filters: readonly ('NOPUT' | 'NODELETE')[]
  readonly prevKv: boolean
  /** Whether it wants to be told now and then how far it is, when nothing happens. */
  readonly progressNotify: boolean
}

export type WatchMessage =
  | CreateWatch
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'progress' }

/** Reads the messages of a request's body; what is none of the three is passed over. */
export const watchMessages = (values: readonly unknown[]): readonly WatchMessage[] =>
  values.map(messageFrom).flatMap((message): readonly WatchMessage[] => {
    const create = message.message('create_request')
    const cancel = message.message('cancel_request')
    if (create) return [createFrom(create)]
    if (cancel) return [{ kind: 'cancel', id: cancel.id('watch_id') }]
    return message.has('progress_request') ? [{ kind: 'progress' }] : []
  })

const FILTERS = ['NOPUT', 'NODELETE'] as const

const createFrom = (message: Message): CreateWatch => ({
  kind: 'create',
  id: message.id('watch_id'),
  range: watchedRange(message.bytes('key'), message.bytes('range_end')),
  startRevision: message.number('start_revision'),
  filters: message.choices('filters', FILTERS),
  prevKv: message.flag('prev_kv'),
  progressNotify: message.flag('progress_notify'),
})

/** A watch without a key watches the key of one zero byte. */
const watchedRange = (key: Buffer, end: Buffer): KeyRange | undefined => {
  const range = rangeOf(key.length === 0 ? Buffer.from([0]) : key, end)
  return range.below && range.below.compare(range.from) <= 0 ? undefined : range
}
