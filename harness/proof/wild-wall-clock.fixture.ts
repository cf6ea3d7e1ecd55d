// Loaded before a program: its wall clock steps to and fro by an hour, ten times a second.
import { monotonicMs } from '../time/clock.ts'

const HOUR_MS = 3_600_000
const EVERY_MS = 100

const wrong = (): number => Math.round(monotonicMs()) + (Math.floor(monotonicMs() / EVERY_MS) % 2) * HOUR_MS

globalThis.Date = new Proxy(Date, {
  construct: (target, args) => (args.length > 0 ? Reflect.construct(target, args) : new target(wrong())),
  get: (target, key) => (key === 'now' ? wrong : Reflect.get(target, key)),
})
