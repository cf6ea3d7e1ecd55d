// The engine's stream of events, one in each line.
import { createInterface } from 'node:readline'

/** What is read of an event, in the engine's own names. */
export interface RawEvent {
  readonly Action: string
  readonly timeNano: number
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
}

/**
 * Calls `note` with each event as it comes. A line that is none, or a stream that breaks, leaves faults without the engine's word,
 * which the verdict says; it must not end the drill.
 */
export const followEvents = (stream: NodeJS.ReadableStream, note: (event: RawEvent) => void): void => {
  stream.on('error', () => {})
  const lines = createInterface({ input: stream })
  lines.on('error', () => {})
  lines.on('line', (line) => {
    const event = eventIn(line)
    if (event) note(event)
  })
}

const eventIn = (line: string): RawEvent | null => {
  try {
    const event = JSON.parse(line) as Partial<RawEvent> | null
    return event?.Action && event.timeNano && event.Actor?.Attributes ? (event as RawEvent) : null
  } catch {
    return null
  }
}
