// A browser is installed by Playwright where it can be had, in turn with what apt-get installs.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { browserReady } from './browser.ts'
import { aptInstall } from './debian.ts'

const consent = { install: true, ask: 'never' } as const
const tell = (): void => {}
/** Nobody listens there. */
const UNREACHABLE = 'http://127.0.0.1:9/chromium.zip'
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-browser-'))
  symlinkSync('/bin/ps', join(folder, 'ps'))
  vi.stubEnv('PATH', folder)
  vi.stubEnv('PLAYWRIGHT_BROWSERS_PATH', folder)
  for (const name of ['FIREDRILL_BROWSER', 'HTTPS_PROXY', 'https_proxy']) vi.stubEnv(name, '')
  // Not root, whoever runs this: nothing of the machine's own is installed.
  vi.spyOn(process, 'getuid').mockReturnValue(1000)
  playwrightThat(`${installs('npx')}; ${makes('chromium')}`)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const program = (name: string, does: string): void =>
  writeFileSync(join(folder, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 })

/** Asked where it would download from it says so; asked to install it does what it is given. */
const playwrightThat = (does: string): void =>
  program('npx', `case "$*" in *--dry-run*) echo 'Download url: ${UNREACHABLE}' ;; *) ${does} ;; esac`)

/** Takes its time, and writes down when it begins and ends. */
const installs = (name: string): string =>
  `echo '${name} begins' >>'${folder}/log'; /bin/sleep 0.3; echo '${name} ends' >>'${folder}/log'`

const makes = (name: string): string => `echo '#!/bin/sh' >'${folder}/${name}'; /bin/chmod 755 '${folder}/${name}'`

const logged = (): readonly string[] => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')

test.each(['HTTPS_PROXY', 'https_proxy'])(
  'behind a proxy, %s, Playwright is let try: it goes through it',
  async (name) => {
    vi.stubEnv(name, 'http://proxy.example:3128')
    expect(await browserReady(consent, tell)).toMatchObject({ value: { executablePath: join(folder, 'chromium') } })
  },
)

test('without a proxy nothing is tried where the download host does not answer', async () => {
  const refused = { code: 'ERR_BROWSER_ABSENT', message: expect.stringContaining('download host does not answer') }
  await expect(browserReady(consent, tell)).rejects.toMatchObject(refused)
})

test('what Playwright said is told where it tried and failed', async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://proxy.example:3128')
  playwrightThat('echo the proxy said no; exit 1')
  const refused = { code: 'ERR_BROWSER_ABSENT', message: expect.stringContaining('the proxy said no') }
  await expect(browserReady(consent, tell)).rejects.toMatchObject(refused)
})

test("a browser is installed once apt-get is through, which Playwright's installation may call itself", async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://proxy.example:3128')
  program('apt-get', installs('apt-get'))
  await Promise.all([aptInstall(['haproxy'], { consent, tell }), browserReady(consent, tell)])
  // apt-get may have brought its lists up to date first.
  expect([...new Set(logged())]).toEqual(['apt-get begins', 'apt-get ends', 'npx begins', 'npx ends'])
})
