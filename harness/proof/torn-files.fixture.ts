// Every way in which a run's files may be torn once it is over: what is cut off, and what has to be said of it.
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RECORD_BYTES } from '../history/call-record.ts'

export interface Tear {
  readonly what: string
  readonly because: RegExp
  /** `lane` is the one that is judged. */
  readonly tear: (folder: string, lane: string) => void
}

export const TEARS: readonly Tear[] = [
  {
    what: 'a history without its last line’s end',
    because: /was never closed|Nobody wrote down how the script ended/,
    tear: (folder) => cutAfter(join(folder, 'history.jsonl'), (text) => text.lastIndexOf('"kind":"lane-closed"')),
  },
  {
    what: 'a history that ends in the middle of its fault',
    because: /nobody healed it; nobody attested that it was clear/,
    tear: (folder) => cutAfter(join(folder, 'history.jsonl'), (text) => text.indexOf('"stage":"heal"')),
  },
  {
    what: 'a calls file that ends in the middle of a record',
    because: /nobody knows how \d+ calls between/,
    tear: (folder, lane) => {
      const file = join(folder, 'calls', `${lane}.calls`)
      truncateSync(file, statSync(file).size - 300 * RECORD_BYTES - 7)
    },
  },
  {
    what: 'a calls file that ends in its first line',
    because: /was opened and there is no record of its calls/,
    tear: (folder, lane) => truncateSync(join(folder, 'calls', `${lane}.calls`), 40),
  },
  {
    what: 'a calls file that is gone',
    because: /was opened and there is no record of its calls/,
    tear: (folder, lane) => rmSync(join(folder, 'calls', `${lane}.calls`)),
  },
  {
    what: 'a control lane that is torn',
    because: /Lane control: nobody knows how \d+ calls between/,
    tear: (folder) => {
      const file = join(folder, 'calls', 'control.calls')
      truncateSync(file, statSync(file).size - 300 * RECORD_BYTES - 7)
    },
  },
]

/** Leaves ten characters of what is found: the line has no end. */
const cutAfter = (file: string, find: (text: string) => number): void => {
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.slice(0, find(text) + 10))
}
