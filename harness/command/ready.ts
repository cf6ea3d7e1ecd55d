// Makes the machine ready, as far as it was allowed to, and says each step.
import { type Need, type Prepared, prepare } from '../setup/prepare.ts'

/** Prepares what is needed; on a terminal somebody is asked before anything is installed, in CI nobody is. */
export const makeReady = (needs: readonly Need[], profiles?: string): Promise<Prepared> =>
  prepare({
    needs,
    ...(profiles !== undefined && { profiles }),
    install: process.env.FIREDRILL_NO_INSTALL !== '1',
    ask: process.stdin.isTTY && !process.env.CI ? 'terminal' : 'never',
    say: (line) => console.log(line),
  })

/** The variables that tell a worker what was made ready; the engine's is set where another than the default was found. */
export const readyVariables = (prepared: Prepared): Record<string, string> => ({
  ...(process.env.DOCKER_HOST && { DOCKER_HOST: process.env.DOCKER_HOST }),
  ...(prepared.compose && { FIREDRILL_COMPOSE: prepared.compose.join(' ') }),
  ...(prepared.browser?.executablePath && { FIREDRILL_BROWSER: prepared.browser.executablePath }),
})
