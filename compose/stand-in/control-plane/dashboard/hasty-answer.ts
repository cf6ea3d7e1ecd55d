// A planted defect, off unless the environment asks: an Admin API that says yes when its store has not answered yet.
import type { FastifyInstance } from 'fastify'

/** `ACKNOWLEDGE_AFTER_MS=300`: a write that is not answered by then is answered as if it had been made, whatever becomes of it. Add it before the calls it is about. */
export const acknowledgeAfter = (api: FastifyInstance, afterMs: number): void => {
  api.addHook('onRequest', async ({ method }, reply) => {
    if (method === 'GET') return
    const timer = setTimeout(() => {
      if (!reply.sent) reply.code(200).send({})
    }, afterMs)
    reply.raw.once('close', () => clearTimeout(timer))
  })
}
