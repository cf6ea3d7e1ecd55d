// The three kinds of error, by whose problem it is. A missed objective is none of them: it is a finding, a value.

interface Told {
  /** Stable, for programs: ERR_BLAST_RADIUS. */
  readonly code: string
  readonly cause?: unknown
}

class FiredrillError extends Error {
  readonly code: string
  constructor(name: string, message: string, { code, cause }: Told) {
    super(`${message} [${code}]`, cause === undefined ? undefined : { cause })
    this.name = name
    this.code = code
  }
}

/** The author of a scenario, or the person at the command line, asked for the impossible. */
export class ScenarioError extends FiredrillError {
  constructor(message: string, told: Told) {
    super('ScenarioError', message, told)
  }
}

/** This machine cannot: no engine, no browser, a subnet that is taken. Exit code 3. */
export class EnvironmentError extends FiredrillError {
  constructor(message: string, told: Told) {
    super('EnvironmentError', message, told)
  }
}

/** A fault would not land, or would not heal. */
export class FaultError extends FiredrillError {
  constructor(message: string, told: Told) {
    super('FaultError', message, told)
  }
}
