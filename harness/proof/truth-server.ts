// The program whose outages are known: it answers, says when it begins to listen and to refuse, and journals each answer before it gives it, and its own standstills.
import { once } from 'node:events'
import { openSync, writeSync } from 'node:fs'
import { get, STATUS_CODES } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { createInterface } from 'node:readline'
import { monotonicMs } from '../time/clock.ts'
import { answerHeads, answerOf, idIn } from './answer-heads.ts'

/** What it says on standard output, a line of JSON each; ms on CLOCK_MONOTONIC. */
export type Said =
  | { readonly said: 'ready' }
  /** Somewhere between the two it began to listen. */
  | { readonly said: 'listening'; readonly from: number; readonly to: number; readonly port: number }
  /** Every call that it takes from then on is given this status. */
  | { readonly said: 'status'; readonly status: number; readonly at: number }

/** Where a server with that journal keeps when its loop last turned, as one double. */
export const pulseOf = (journal: string): string => `${journal}.pulse`

const WARM_CALLS = 300
/** Its loop turns once a millisecond. When it did not for so long it answered nobody, whoever had kept it from that. */
export const STILL_MS = 5

const tell = (said: Said): void => void writeSync(1, `${JSON.stringify(said)}\n`)

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Cold code takes tens of ms for its first answers, which would be an outage of nobody's making. */
const warmUp = async (server: Server): Promise<void> => {
  const port = await listen(server, 0)
  for (let i = 0; i < WARM_CALLS; i += 1) {
    // A connection each: taking one is what it does most of after a standstill.
    const call = get({ host: '127.0.0.1', port, agent: false, headers: { 'x-request-id': 'warm-up' } })
    const [response] = await once(call, 'response')
    response.resume()
    await once(response, 'end')
  }
  server.close()
  await once(server, 'close')
}

/** Each turn in `pulse`, as one double in the place of the last: one that is killed while it stands still cannot write down that it did. */
const noteStills = (file: number, pulse: number): void => {
  let last = monotonicMs()
  const turn = new Float64Array(1)
  const bytes = new Uint8Array(turn.buffer)
  setInterval(() => {
    const now = monotonicMs()
    if (now - last >= STILL_MS) writeSync(file, `still ${last} ${now}\n`)
    last = now
    turn[0] = now
    writeSync(pulse, bytes, 0, bytes.length, 0)
  }, 1)
}

const main = async (journal: string): Promise<void> => {
  const file = openSync(journal, 'a')
  const pulse = openSync(pulseOf(journal), 'w')
  let status = 200
  // Nothing but sockets: what callers had given up before a stalled server wakes it still works off, and for so long it is out.
  const server = createServer((socket) =>
    answerHeads(socket, (head) => {
      const id = idIn(head)
      // Written by the kernel when this returns, so it survives our end; autocannon names no call.
      if (id !== null) writeSync(file, `${status} ${id}\n`)
      return answerOf(`${status} ${STATUS_CODES[status]}`, `{"requestId":"${id}"}`)
    }),
  )
  await warmUp(server)
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const [order, number] = line.split(' ')
      if (order === 'listen') {
        // Not before: twenty that wait, a turn a millisecond each, would leave the one that answers no processor.
        noteStills(file, pulse)
        const from = monotonicMs()
        void listen(server, Number(number)).then((port) => tell({ said: 'listening', from, to: monotonicMs(), port }))
      } else {
        status = Number(number)
        tell({ said: 'status', status, at: monotonicMs() })
      }
    })
    .on('close', () => process.exit(0))
  tell({ said: 'ready' })
}

if (import.meta.main) await main(process.argv[2] ?? '')
