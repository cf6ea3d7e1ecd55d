// The answers a gateway gives itself, when no route or no upstream does: JSON for 404, nginx's page as APISIX brands it otherwise.
import { type ServerResponse, STATUS_CODES } from 'node:http'
import { serverName } from './forwarded-headers.ts'

const notFound = '{"error_msg":"404 Route Not Found"}\n'

export function answerNotFound(response: ServerResponse): void {
  answer(response, { status: 404, type: 'application/json', body: notFound })
}

/** 400, 502, 503 or 504. */
export function answerFailure(response: ServerResponse, status: number): void {
  const title = `${status} ${STATUS_CODES[status]}`
  const body = [
    `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n<hr><center>openresty</center>`,
    '<p><em>Powered by <a href="https://apisix.apache.org/">APISIX</a>.</em></p></body>\n</html>\n',
  ].join('\n')
  answer(response, { status, type: 'text/html; charset=utf-8', body })
}

interface OwnAnswer {
  readonly status: number
  readonly type: string
  readonly body: string
}

function answer(response: ServerResponse, { status, type, body }: OwnAnswer): void {
  const length = String(Buffer.byteLength(body))
  response.writeHead(status, ['Content-Type', type, 'Content-Length', length, 'Server', serverName])
  response.end(body)
}
