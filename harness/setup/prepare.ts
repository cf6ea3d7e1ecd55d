// Everything a drill needs of this machine, made ready: each step says what became of it and how long it took.
import { type Browser, browserReady } from './browser.ts'
import { composeReady } from './compose-command.ts'
import type { Consent } from './debian.ts'
import type { Engine } from './engine.ts'
import { engineReady } from './engine-ready.ts'
import { specsFor } from './image-list.ts'
import { type Images, imagesReady } from './images.ts'
import { type Say, step } from './step.ts'
import { testServersReady } from './test-servers.ts'

export type Need = 'engine' | 'browser' | 'images' | 'compose' | 'servers'

export interface PrepareOptions extends Consent {
  say(line: string): void
  readonly needs: readonly Need[]
  /** Profiles of the Compose files that are asked for, as Compose's own variable has them; absent: the environment's. */
  readonly profiles?: string | undefined
}

/** What was asked for, and only that. */
export interface Prepared {
  readonly engine?: Engine
  /** The words Compose is called with. */
  readonly compose?: readonly string[]
  readonly browser?: Browser
  readonly images?: Images
}

/** Makes ready what is needed; skips what is. Throws EnvironmentError with one sentence of what to do. */
export const prepare = async ({
  needs,
  say,
  profiles = process.env.COMPOSE_PROFILES,
  ...consent
}: PrepareOptions): Promise<Prepared> => {
  const needed = <T>(need: Need, ready: (consent: Consent, tell: Say) => Promise<{ value: T; text: string }>) =>
    needs.includes(need) ? step({ topic: need, say }, (tell) => ready(consent, tell)) : undefined
  // The engine first: the rest of the machine's installation, and every image, hangs on it.
  const engine = await needed('engine', engineReady)
  const rest = [
    needed('compose', composeReady),
    needed('browser', browserReady),
    needed('images', (allowed, tell) => imagesReady(allowed, tell, specsFor({ COMPOSE_PROFILES: profiles }))),
    needed('servers', testServersReady),
  ] as const
  // One that fails leaves the others to finish: an installation is not cut off in the middle.
  await Promise.allSettled(rest)
  const [compose, browser, images] = await Promise.all(rest)
  return {
    ...(engine && { engine }),
    ...(compose && { compose }),
    ...(browser && { browser }),
    ...(images && { images }),
  }
}
