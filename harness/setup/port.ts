// A port of this machine, as a FIREDRILL_PORT_* variable moves it.
import { ScenarioError } from '../time/errors.ts'

/** Throws ScenarioError ERR_OPTION on what is no port, and names the variable. `port` is what its text comes to as a number. */
export const demandPort = (variable: string, port: number, environment: NodeJS.ProcessEnv): void => {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return
  throw new ScenarioError(`${variable} is '${environment[variable] ?? port}': expected a port, at most 65535.`, {
    code: 'ERR_OPTION',
  })
}
