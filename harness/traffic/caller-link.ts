// Talks to the callers' program over its three streams: orders out, replies and rows in.
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { EnvironmentError } from '../time/errors.ts'
import { frameReader } from './caller/frames.ts'
import type { Message, Order, Replies } from './caller/protocol.ts'

export interface CallerStreams {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

/** What comes without being asked for. Each is called in the order the program sent it, replies included. */
export interface CallerObserver {
  rows(lane: number, records: Uint8Array): void
  stall(from: number, to: number): void
  /** The human log, a line at a time. */
  said(line: string): void
  /** Once, and nothing after it: the program is gone. */
  lost(because: string): void
}

export interface CallerLink {
  /**
   * Resolves with the program's reply. `heard` is called with it at once, before anything the program said later is taken.
   * Rejects with EnvironmentError when the program refuses, is gone, or says nothing for `limitMs`.
   */
  ask<K extends Order['order']>(
    order: Order & { order: K },
    limitMs: number,
    heard?: (value: Replies[K]) => void,
  ): Promise<Replies[K]>
  /** Why there is nobody to ask, or null. */
  lost(): string | null
  /** Closes the program's standard input, at which it ends. What it says after that is nobody's loss. */
  end(): void
}

const LAST_WORDS = 5

interface Question {
  readonly what: string
  readonly heard: (value: unknown) => void
  readonly refused: (error: Error) => void
}

export const linkCallers = ({ stdin, stdout, stderr }: CallerStreams, observer: CallerObserver): CallerLink => {
  const questions = new Map<number, Question>()
  let asked = 0
  let gone: string | null = null
  let isEnded = false

  const lose = (because: string): void => {
    if (gone !== null) return
    gone = because
    for (const { what, refused } of questions.values()) refused(lostError(what, because))
    questions.clear()
    if (!isEnded) observer.lost(because)
  }

  const hear = (message: Message): void => {
    if (message.kind === 'stall') observer.stall(message.from, message.to)
    else if (message.kind === 'lost') lose(message.because)
    else settle(message)
  }

  const settle = (message: Extract<Message, { id: number }>): void => {
    const question = questions.get(message.id)
    questions.delete(message.id)
    if (message.kind === 'reply') question?.heard(message.value)
    else question?.refused(refusedError(question.what, message.because))
  }

  const read = frameReader((frame) => {
    if (gone !== null) return
    if (frame.type === 'rows') observer.rows(frame.lane, frame.records)
    else hear(frame.message)
  })
  stdout.on('data', (chunk: Buffer) => {
    try {
      if (gone === null) read(chunk)
    } catch (error) {
      lose(`their stream tore: ${(error as Error).message}`)
    }
  })
  stdin.on('error', (error) => lose(`they take no more orders: ${error.message}`))
  followToTheEnd({ stdout, stderr }, observer.said, lose)

  return {
    ask: (order, limitMs, heard) =>
      new Promise((resolve, reject) => {
        const what = sayOrder(order)
        if (gone !== null) return reject(lostError(what, gone))
        const id = asked++
        const timer = setTimeout(() => {
          questions.delete(id)
          reject(silentError(what, limitMs))
        }, limitMs)
        questions.set(id, {
          what,
          heard: (value) => {
            clearTimeout(timer)
            heard?.(value as never)
            resolve(value as never)
          },
          refused: (error) => {
            clearTimeout(timer)
            reject(error)
          },
        })
        stdin.write(`${JSON.stringify({ id, ...order })}\n`)
      }),
    lost: () => gone,
    end: () => {
      isEnded = true
      stdin.end()
    },
  }
}

/** Passes on what the program says of itself. A crash is told with its last words, so the end waits for both streams. */
const followToTheEnd = (
  { stdout, stderr }: Pick<CallerStreams, 'stdout' | 'stderr'>,
  said: (line: string) => void,
  ended: (because: string) => void,
): void => {
  let because: string | null = null
  let words: readonly string[] = []
  let isSilent = false
  const finish = (reason?: string): void => {
    because ??= reason ?? null
    if (because !== null && isSilent) ended([because, ...words].join(' / '))
  }
  stdout.once('end', () => finish('their stream ended'))
  stdout.once('close', () => finish('their stream was closed'))
  stdout.once('error', (error) => finish(`their stream broke: ${error.message}`))
  stderr.on('error', () => {})
  const lines = createInterface({ input: stderr })
  lines.on('line', (line) => {
    words = [...words, line].slice(-LAST_WORDS)
    said(line)
  })
  lines.on('close', () => {
    isSilent = true
    finish()
  })
}

const sayOrder = (order: Order): string => {
  switch (order.order) {
    case 'open':
      return `open lane ${order.lane.lane}`
    case 'ramp':
      return `bring lane ${order.lane} to ${order.to} calls/s`
    case 'close':
      return `close lane ${order.lane}`
    case 'get':
      return `${order.get.method} ${order.get.url}`
    case 'connect':
      return `connect to ${order.connect.host}:${order.connect.port}`
    case 'negotiate':
      return `ask what ${order.negotiate.host}:${order.negotiate.port} speaks`
    case 'resolve':
      return `ask whom ${order.resolve.name} leads to`
    case 'saturate':
      return `saturate ${order.saturate.groups.flat().join(', ')}`
    case 'keep':
      return `keep a connection to ${order.host}:${order.port}`
    case 'ask-kept':
    case 'let-go':
      return `${order.order === 'let-go' ? 'let go of' : 'ask over'} a connection that was kept`
    case 'hello':
    case 'clock':
      return `say ${order.order}`
  }
}

const lostError = (what: string, because: string): EnvironmentError =>
  new EnvironmentError(
    `The callers could not ${what}: ${because}. Their own last words are in logs/callers.log of the scenario's folder.`,
    { code: 'ERR_CALLERS_LOST' },
  )

const refusedError = (what: string, because: string): EnvironmentError =>
  new EnvironmentError(`The callers could not ${what}: ${because}.`, { code: 'ERR_CALLERS_REFUSED' })

const silentError = (what: string, limitMs: number): EnvironmentError =>
  new EnvironmentError(
    `The callers were asked to ${what} and did not reply within ${limitMs} ms. They may be paused or starved of CPU.`,
    { code: 'ERR_CALLERS_SILENT' },
  )
