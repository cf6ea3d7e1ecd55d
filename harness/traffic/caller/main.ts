// The program in the callers' container: takes commands on standard input, and dies with whoever holds the other end.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { monotonicMs } from '../../time/clock.ts'
import { messageFrame, rowsFrame } from './frames.ts'
import { askKept, keep, letGo } from './kept.ts'
import { negotiate } from './negotiate.ts'
import { connect, get, resolve } from './probe.ts'
import type { Command, Message } from './protocol.ts'
import { watchRates } from './real-time.ts'
import { saturateApart } from './saturate-apart.ts'
import type { FromSender, ToSender } from './sender.ts'

// Whoever started us and did not say hello by now is gone.
const HELLO_WITHIN_MS = 120_000

const tell = (message: Message): boolean => process.stdout.write(messageFrame(message))

const lose = (because: string): void => {
  process.stderr.write(`${because}\n`)
  tell({ kind: 'lost', because })
  process.exit(1)
}

// What a call leaves dies young. Left alone, the thread's room for that grows by 20 to 30 MB in minutes, and collections cost no less for it.
const YOUNG_MB = 8

const sender = new Worker(new URL('./sender.ts', import.meta.url), {
  resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
})
sender.on('error', (error: Error) => lose(`The sending thread died: ${error.stack ?? error.message}`))
sender.on('exit', (code) => lose(`The sending thread ended with ${code}.`))
sender.on('message', (message: FromSender) => {
  if (message.kind === 'rows') process.stdout.write(rowsFrame(message.lane, message.records))
  else if (message.kind === 'stalls') for (const stall of message.stalls) tell({ kind: 'stall', ...stall })
  else tell(message)
})

const hello = () => ({ bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), nowMs: monotonicMs() })

const answer = async (command: Command): Promise<unknown> => {
  switch (command.order) {
    case 'hello':
      clearTimeout(nobody)
      return hello()
    case 'clock':
      return { nowMs: monotonicMs() }
    case 'get':
      return get(command.get)
    case 'connect':
      return connect(command.connect)
    case 'negotiate':
      return negotiate(command.negotiate)
    case 'resolve':
      return resolve(command.resolve)
    case 'saturate':
      return saturateApart(command.saturate)
    case 'keep':
      return keep(command.host, command.port)
    case 'ask-kept':
      return askKept(command.kept, command.limitMs, command.answers)
    case 'let-go':
      letGo(command.kept)
      return null
    case 'open':
    case 'ramp':
    case 'close':
      throw new RangeError(`${command.order} is the sending thread's.`)
  }
}

const rates = watchRates()

const obey = (command: Command): void => {
  if (command.order === 'open') rates.set(command.lane.lane, command.lane.rate)
  else if (command.order === 'ramp') rates.set(command.lane, command.to)
  else if (command.order === 'close') rates.closed(command.lane)
  if (command.order === 'open' || command.order === 'ramp' || command.order === 'close') {
    sender.postMessage(command satisfies ToSender)
    return
  }
  answer(command).then(
    (value) => tell({ kind: 'reply', id: command.id, value }),
    (error: Error) => tell({ kind: 'refusal', id: command.id, because: error.message }),
  )
}

const nobody = setTimeout(() => lose(`Nobody said hello within ${HELLO_WITHIN_MS} ms.`), HELLO_WITHIN_MS)

// A reader that is gone is told by standard input; the write that noticed first must not crash us before.
process.stdout.on('error', () => process.exit(0))
createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line) as Command))
  .on('close', () => process.exit(0))
process.stderr.write('callers: waiting for hello\n')
