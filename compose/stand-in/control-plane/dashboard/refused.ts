// The one error that means the caller is at fault: it becomes its status and an error_msg.

/** What the caller asked for cannot be done: 400 malformed, 401 not signed in, 403 not allowed, 404 not there. */
export class RefusedError extends Error {
  readonly statusCode: 400 | 401 | 403 | 404
  constructor(statusCode: 400 | 401 | 403 | 404, message: string) {
    super(message)
    this.name = 'RefusedError'
    this.statusCode = statusCode
  }
}
