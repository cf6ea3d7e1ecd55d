import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'compose/stand-in': { version: '0.1.0' },
    'node_modules/stand-in': { link: true },
    'node_modules/zx': { version: '8.8.5' },
    'node_modules/only-elsewhere': { version: '1.0.0', optional: true },
  },
}

let clone: string

beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'firedrill-clone-'))
  await mkdir(join(clone, 'harness'))
  await mkdir(join(clone, 'bin'))
  await cp(join(import.meta.dirname, 'start.mjs'), join(clone, 'harness/start.mjs'))
  await writeFile(join(clone, 'harness/cli.ts'), 'console.log("cli", ...process.argv.slice(2))\nprocess.exit(7)\n')
  await writeFile(join(clone, 'package-lock.json'), JSON.stringify(lock))
})

afterEach(() => rm(clone, { recursive: true, force: true }))

/** Puts an npm of ours first on PATH. It writes down what it was asked. */
const npmThat = async (does: string): Promise<void> => {
  const program = `#!/bin/sh\necho "$*" >>'${clone}/asked'\n${does}\n`
  await writeFile(join(clone, 'bin/npm'), program)
  await chmod(join(clone, 'bin/npm'), 0o755)
}

const asked = (): Promise<string> => readFile(join(clone, 'asked'), 'utf8').catch(() => '')

const installed = async (packages: object): Promise<void> => {
  await mkdir(join(clone, 'node_modules'), { recursive: true })
  await writeFile(join(clone, 'node_modules/.package-lock.json'), JSON.stringify({ packages }))
}

const booting = (argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  spawn(process.execPath, [join(clone, 'harness/start.mjs'), ...argv], {
    env: { ...process.env, FIREDRILL_NO_INSTALL: '', PATH: `${join(clone, 'bin')}:${process.env.PATH}`, ...env },
  })

const boot = async (argv?: readonly string[], env?: Readonly<Record<string, string>>) => {
  const child = booting(argv, env)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, out, err }
}

describe('in a fresh clone', () => {
  test('FIREDRILL_NO_INSTALL=1 installs nothing, exits 3 and names npm ci', async () => {
    await npmThat('exit 0')
    const { code, err } = await boot(['drill'], { FIREDRILL_NO_INSTALL: '1' })
    expect({ code, asked: await asked() }).toEqual({ code: 3, asked: '' })
    expect(err).toContain('node_modules is missing')
    expect(err).toContain('npm ci')
  })

  test('the locked packages are installed, once, before the command runs', async () => {
    await npmThat(`mkdir -p '${clone}/node_modules'`)
    const first = await boot(['drill', 'one'])
    const second = await boot(['drill', 'two'])
    expect(first.out).toMatch(/node_modules is missing: npm ci\n.*installed as locked +\d+\.\d s\ncli drill one\n/)
    expect([first.code, second.code, second.out]).toEqual([7, 7, 'cli drill two\n'])
    expect(await asked()).toMatch(/^ci [^\n]*\n$/)
  })

  test('an npm that fails ends in exit code 3 with what npm calls errors, and the command does not run', async () => {
    await npmThat(
      'echo "npm warn noise" >&2; echo "npm error code EUSAGE" >&2; echo "npm error Clean install a project" >&2; exit 1',
    )
    const { code, out, err } = await boot(['drill'])
    expect(code).toBe(3)
    expect(err).toMatch(/npm said:\nnpm error code EUSAGE\n$/)
    expect(out).not.toContain('cli')
  })
})

describe('where packages are installed', () => {
  test('a lock that changed since is installed again', async () => {
    await npmThat(`mkdir -p '${clone}/node_modules'`)
    await boot()
    await writeFile(
      join(clone, 'package-lock.json'),
      JSON.stringify({ packages: { ...lock.packages, 'node_modules/ms': { version: '2.1.3' } } }),
    )
    const { out } = await boot()
    expect(out).toContain('node_modules is older than package-lock.json')
    expect((await asked()).trim().split('\n')).toHaveLength(2)
  })

  test('packages that npm installed by hand, as locked, are left alone', async () => {
    await npmThat('exit 0')
    await installed({ 'node_modules/zx': { version: '8.8.5' } })
    expect(await boot(['doctor'])).toEqual({ code: 7, out: 'cli doctor\n', err: '' })
    expect(await asked()).toBe('')
  })

  test('packages of another version are installed again', async () => {
    await npmThat('exit 0')
    await installed({ 'node_modules/zx': { version: '8.8.4' } })
    await boot()
    expect(await asked()).toMatch(/^ci /)
  })
})

describe('the Node that the command runs on', () => {
  beforeEach(() => installed({ 'node_modules/zx': { version: '8.8.5' } }))

  /** Puts a Node of ours into a folder of the clone; whatever it is told to run, it says who it is, and exits 5. */
  const nodeOf = async (folder: string, version: string): Promise<void> => {
    await mkdir(join(clone, folder), { recursive: true })
    const program = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit 0\necho 'run by ${version}'\nexit 5\n`
    await writeFile(join(clone, folder, 'node'), program, { mode: 0o755 })
  }

  test('is refused in one sentence where it is too old, with exit code 3, and the command does not run', async () => {
    await nodeOf('bin', 'v22.17.1')
    expect(await boot(['drill'])).toEqual({
      code: 3,
      out: '',
      err: 'firedrill runs on Node 24 or later, and the node on PATH is v22.17.1: install a newer one.\n',
    })
  })

  test('is the one on PATH where npm brought none, and that which npm brought where it did', async () => {
    await nodeOf('bin', 'v24.0.0')
    expect(await boot(['drill'])).toMatchObject({ code: 5, out: 'run by v24.0.0\n' })
    await nodeOf(`node_modules/node-${process.platform}-${process.arch}/bin`, 'v25.1.0')
    expect(await boot(['drill'])).toMatchObject({ code: 5, out: 'run by v25.1.0\n' })
  })
})

describe('signals', () => {
  beforeEach(async () => {
    await installed({ 'node_modules/zx': { version: '8.8.5' } })
    await writeFile(
      join(clone, 'harness/cli.ts'),
      `process.on('SIGTERM', () => process.exit(5))
setTimeout(() => process.exit(6), 1500)
console.log('up')
`,
    )
  })

  test('SIGTERM is passed on, and the answer to it is the exit code', async () => {
    const child = booting()
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect((await once(child, 'close'))[0]).toBe(5)
  })

  test('SIGINT does not end the wait: the terminal gives it to the command too', async () => {
    const child = booting()
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    expect((await once(child, 'close'))[0]).toBe(6)
  })
})
