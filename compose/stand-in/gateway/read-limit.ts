// How long an upstream may be silent, in exact time: undici looks at its own limits every half second only.

/** The upstream was silent for too long; APISIX's timeout.read. */
export class ReadTimeout extends Error {
  readonly code = 'ERR_READ_TIMEOUT'
  constructor() {
    super('the upstream was silent for longer than its read timeout')
  }
}

export interface ReadLimit {
  /** Begins to count, or begins again: the upstream was asked, or said something. */
  begin(): void
  /** Stops counting: the call is over, or it is the caller who does not take more. */
  end(): void
}

export function readLimit(limitMs: number, onSilence: () => void): ReadLimit {
  let timer: NodeJS.Timeout | undefined
  return {
    begin() {
      if (timer === undefined) timer = setTimeout(onSilence, limitMs)
      else timer.refresh()
    },
    end() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
