// Finds a Chromium for the Dashboard's scenarios, or installs one.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EnvironmentError } from '../time/errors.ts'
import { lastLines, onPath, run } from './command.ts'
import { agreed, aptInstall, type Consent, distribution, installingInTurn, isRoot, mayUseApt } from './debian.ts'
import type { Say } from './step.ts'

/** A browser to launch. Without a path it is the one Playwright installed for itself. */
export interface Browser {
  readonly executablePath: string | undefined
}

const systemBrowsers = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser']
const macBrowsers = ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`)
const root = fileURLToPath(new URL('../..', import.meta.url))
const playwrightFolder = join(root, 'node_modules/playwright-core')

/** The browser there is, in this order: FIREDRILL_BROWSER, Playwright's own, the system's. */
export const findBrowser = async (): Promise<Browser | undefined> => {
  const chosen = process.env.FIREDRILL_BROWSER
  if (chosen) {
    if (existsSync(chosen)) return { executablePath: chosen }
    throw new EnvironmentError(`FIREDRILL_BROWSER names ${chosen}, which is not there: correct it, or unset it.`, {
      code: 'ERR_BROWSER_ABSENT',
    })
  }
  if (await hasPlaywrights()) return { executablePath: undefined }
  const onSystem = systemBrowsers.map(onPath).find((path) => path !== undefined) ?? macBrowsers.find(existsSync)
  return onSystem === undefined ? undefined : { executablePath: onSystem }
}

/** The same, installed where there is none and it may be. Throws EnvironmentError ERR_BROWSER_ABSENT. */
export const browserReady = async (
  consent: Consent,
  tell: Say,
): Promise<{ readonly value: Browser; readonly text: string }> => {
  const browser = await findBrowser()
  if (browser) return { value: browser, text: browser.executablePath ?? "Playwright's Chromium" }
  if (!consent.install) throw absent('FIREDRILL_NO_INSTALL forbids installing one')
  const because = [await installPlaywrights(consent, tell), await installDebians(consent, tell)]
  const installed = await findBrowser()
  if (!installed) throw absent(because.find((why) => why !== undefined) ?? 'what was installed is no Chromium')
  return { value: installed, text: `${installed.executablePath ?? "Playwright's Chromium"} installed` }
}

/** Undefined when it was installed or could not be reached, else why it failed. */
const installPlaywrights = async (consent: Consent, tell: Say): Promise<string | undefined> => {
  if (!(await downloadHostAnswers())) return undefined
  const command = ['npx', 'playwright', 'install', ...((await mayUseApt(consent)) ? ['--with-deps'] : []), 'chromium']
  // Playwright calls apt-get itself for what a browser depends on.
  const { ok, output } = await installingInTurn(async () => {
    await agreed([command.join(' ')], consent)
    tell(command.join(' '))
    return run(command, { limitMs: 600_000, cwd: root })
  })
  return ok ? undefined : lastLines(output)
}

/** Ubuntu's chromium package only points to a snap, which containers and CI machines cannot run. */
const installDebians = async (consent: Consent, tell: Say): Promise<string | undefined> => {
  if (await findBrowser()) return undefined
  if (!(await mayUseApt(consent)) || (await distribution()).id !== 'debian')
    return "Playwright's download host does not answer"
  await aptInstall(['chromium', 'fonts-liberation'], { consent, tell })
  return undefined
}

/**
 * Playwright says where it would download from; two seconds decide whether that is worth a try. Behind a proxy only the try can tell:
 * Playwright goes through it, and Node's fetch does not.
 */
const downloadHostAnswers = async (): Promise<boolean> => {
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return true
  const { output } = await run(['npx', 'playwright', 'install', '--dry-run', 'chromium'], {
    limitMs: 10_000,
    cwd: root,
  })
  const url = /https?:\/\/\S+/.exec(output)?.[0]
  if (url === undefined) return false
  return fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(2000) }).then(
    (answer) => answer.ok,
    () => false,
  )
}

/**
 * Playwright marks a finished download in its cache. Looking for the mark costs a millisecond; importing Playwright to ask it,
 * half a second. Scenarios run headless, so the headless shell is the one that counts.
 */
const hasPlaywrights = async (): Promise<boolean> => {
  const listed: unknown = JSON.parse(await readFile(join(playwrightFolder, 'browsers.json'), 'utf8'))
  const { browsers } = listed as { readonly browsers: readonly { readonly name: string; readonly revision: string }[] }
  const revision = browsers.find(({ name }) => name === 'chromium-headless-shell')?.revision
  return existsSync(join(downloadFolder(), `chromium_headless_shell-${revision}`, 'INSTALLATION_COMPLETE'))
}

/** Where Playwright keeps what it downloads (its documentation, "Managing browser binaries"). */
const downloadFolder = (): string => {
  const chosen = process.env.PLAYWRIGHT_BROWSERS_PATH
  if (chosen === '0') return join(playwrightFolder, '.local-browsers')
  if (chosen) return chosen
  if (process.platform === 'darwin') return join(homedir(), 'Library/Caches/ms-playwright')
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ms-playwright')
}

const absent = (because: string): EnvironmentError =>
  new EnvironmentError(
    `No Chromium was found, and ${because}: run \`npx playwright install${isRoot() ? ' --with-deps' : ''} chromium\`, or set FIREDRILL_BROWSER to the path of one.`,
    { code: 'ERR_BROWSER_ABSENT' },
  )
