// One lease on a namespace's packet rules: what is said to the helper that holds them, what it answers, and the beat.
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { FaultError } from '../../time/errors.ts'
import type { Reach, Rule, Tally } from './network.ts'

/** A third of what the helper bears: hold.sh lifts its rule after 3 s without a line. */
const BEAT_MS = 1000
const ANSWER_LIMIT_MS = 5000

/** The words of one helper. Every ask rejects with FaultError once it is gone. */
export interface Lease {
  impose(rule: Rule): Promise<void>
  /** Null where there is no rule any more. */
  count(): Promise<Tally | null>
  reach(address: string, port: number): Promise<Reach>
  look(): Promise<boolean>
  /** Ends the connections that are open to this port elsewhere; how many they were. */
  sever(port: number): Promise<number>
  /** The helper lifts whatever is there. Null where there was nothing, or nothing of ours that counts. */
  lift(): Promise<Tally | null>
  /** Why the helper is gone, or null while it is there. */
  lost(): string | null
  /** No more beats, and its input closes: it lifts what it laid and leaves. */
  end(): void
}

interface Asked {
  readonly resolve: (line: string) => void
  readonly reject: (error: Error) => void
}

/** Four numbers after the first word, and three more of a rule with a queue; null when there are none. */
const tallyOf = (line: string): Tally | null => {
  const [came, went, kept, passed, bytesPerSecond, bytes, waits] = line.split(' ').slice(1).filter(Boolean).map(Number)
  if (came === undefined || went === undefined || kept === undefined || passed === undefined) return null
  const tally = { came, went, kept, passed }
  if (bytesPerSecond === undefined || bytes === undefined || waits === undefined) return tally
  return { ...tally, queue: { bytesPerSecond, bytes, waits } }
}

/** Asks and answers in their order. `lost` says why there will be no more of them. */
const conversation = (stdin: Writable, stdout: Readable) => {
  const asked: Asked[] = []
  let because: string | null = null
  const lose = (reason: string): void => {
    because ??= reason
    for (const { reject } of asked.splice(0)) reject(gone())
  }
  const gone = (): FaultError =>
    new FaultError(`The fault helper is gone: ${because}. Its rule lifts itself; a new helper can make sure.`, {
      code: 'ERR_HELPER_GONE',
    })
  const answer = (): Promise<string> => {
    if (because !== null) return Promise.reject(gone())
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const limit = setTimeout(() => lose(`it gave no answer within ${ANSWER_LIMIT_MS / 1000} s`), ANSWER_LIMIT_MS)
    asked.push({ resolve, reject })
    return promise.finally(() => clearTimeout(limit))
  }
  createInterface({ input: stdout })
    .on('line', (line) => asked.shift()?.resolve(line))
    .on('close', () => lose('its output ended'))
  stdin.on('error', (error) => lose(error.message))
  return {
    answer,
    tell: (line: string): void => void (because === null && stdin.write(`${line}\n`)),
    lost: () => because,
    lose,
  }
}

/** Opens the lease once the helper says that it is ready, and beats from then on. */
export const openLease = async (streams: { stdin: Writable; stdout: Readable }): Promise<Lease> => {
  const talk = conversation(streams.stdin, streams.stdout)
  await talk.answer()
  const beat = setInterval(() => talk.tell('beat'), BEAT_MS)
  // A harness that has nothing else to do leaves, and its leaving lifts the rule.
  beat.unref()
  const ask = (line: string): Promise<string> => {
    const answered = talk.answer()
    talk.tell(line)
    return answered
  }
  const end = (): void => {
    clearInterval(beat)
    streams.stdin.end()
  }
  return {
    async impose({ name, parameters }) {
      const words = Object.entries(parameters).map(([key, value]) => ` ${key}=${value}`)
      const said = await ask(`inject ${name}${words.join('')}`)
      if (said !== 'in effect') throw new FaultError(`${name} was ${said}`, { code: 'ERR_RULE_REFUSED' })
    },
    count: async () => tallyOf(await ask('count')),
    reach: async (address, port) => (await ask(`reach ${address} ${port}`)) as Reach,
    look: async () => (await ask('look')) === 'present',
    async sever(port) {
      const said = await ask(`sever ${port}`)
      if (!said.startsWith('severed')) throw new FaultError(`The cut was ${said}`, { code: 'ERR_SEVER' })
      return Number(said.split(' ')[1])
    },
    async lift() {
      const said = await ask('heal')
      if (said.startsWith('refused')) throw new FaultError(`The lift was ${said}`, { code: 'ERR_RULE_STAYS' })
      return tallyOf(said)
    },
    lost: talk.lost,
    end,
  }
}
