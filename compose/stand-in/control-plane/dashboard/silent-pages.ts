// A planted defect, off unless the environment asks: pages whose script keeps to itself that a save came to nothing.
import type { FastifyInstance } from 'fastify'

/** `PAGE_WARNINGS=none`: every page is told so, where its scripts look before they warn. */
export const keepPagesSilent = (pages: FastifyInstance): void => {
  pages.addHook('onSend', async (_request, _reply, payload) =>
    typeof payload === 'string' ? payload.replace('<body ', '<body data-warnings="none" ') : payload,
  )
}
