// The program that saturates servers, once: the order comes from whoever forked it, and it ends with them.
import type { SaturateAnswer, SaturateOrder } from './protocol.ts'
import { saturate } from './saturate.ts'

/** What it sends back. */
export type Saturated = { readonly answer: SaturateAnswer } | { readonly because: string }

const tell = (told: Saturated): void => void process.send?.(told)

process.once('disconnect', () => process.exit(0))
process.once('message', (order: SaturateOrder) => {
  saturate(order).then(
    (answer) => tell({ answer }),
    (error: Error) => tell({ because: error.message }),
  )
})
