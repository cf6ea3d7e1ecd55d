// What doctor did not see it does not vouch for, and one look that goes wrong takes no other one along.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { startSmallEngine } from '../topology/small-engine.fixture.ts'
import { good, missing, note, unknown } from './check.ts'
import { askCompose } from './compose-command.ts'
import { conclusion, doctor } from './doctor.ts'
import { freePort } from './free-port.fixture.ts'

let engine: Awaited<ReturnType<typeof startSmallEngine>>
let folder = ''

beforeAll(async () => {
  engine = await startSmallEngine()
})

afterAll(() => engine.end())

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firedrill-doctor-'))
  // What ends a program that took too long looks for its children.
  symlinkSync('/bin/ps', join(folder, 'ps'))
  vi.stubEnv('PATH', folder)
  vi.stubEnv('FIREDRILL_BROWSER', process.execPath)
  // Whoever runs this: the images have something to be built on.
  vi.spyOn(process, 'getuid').mockReturnValue(0)
  program('debootstrap', 'exit 1')
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const program = (name: string, does: string): void =>
  writeFileSync(join(folder, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 })

/** The line of one topic, without the spaces between. */
const lineOf = (topic: string, lines: readonly string[]): string | undefined =>
  lines.find((line) => line.startsWith(`  ${topic} `))?.replace(/ +/g, ' ')

test('a Compose that takes its time is not seen, and nothing is vouched for', async () => {
  program('docker', 'exec /bin/sleep 20')
  const startedAt = performance.now()
  const { lines, ok } = await doctor()
  expect(performance.now() - startedAt).toBeLessThan(3000)
  expect(lineOf('compose', lines)).toMatch(/^ compose unknown: /)
  expect(lines.at(-1)).toMatch(/Not seen: compose\./)
  expect({ ok, vouched: lines.join().includes('Everything a drill needs is there') }).toEqual({
    ok: false,
    vouched: false,
  })
})

test('docker-compose is there, however long the plug-in takes, and without it nobody can tell', async () => {
  program('docker', 'exec /bin/sleep 20')
  program('docker-compose', 'echo 1.29.2')
  expect(await askCompose(200)).toEqual({ command: ['docker-compose'], isSilent: true })
  rmSync(join(folder, 'docker-compose'))
  expect(await askCompose(200)).toEqual({ isSilent: true })
})

test('a machine without Compose has none, and one with it says which', async () => {
  expect(lineOf('compose', (await doctor()).lines)).toMatch(/^ compose MISSING: neither/)
  program('docker', 'echo 2.29.1')
  expect(lineOf('compose', (await doctor()).lines)).toBe(' compose docker compose 2.29.1')
})

test('a setting that cannot be meant is one line among the others', async () => {
  program('docker', 'echo 2.29.1')
  vi.stubEnv('FIREDRILL_BROWSER', join(folder, 'none'))
  vi.stubEnv('FIREDRILL_SUBNET', 'ten')
  const { lines, ok } = await doctor()
  expect(lineOf('browser', lines)).toMatch(/^ browser MISSING: FIREDRILL_BROWSER names .*none, which is not there/)
  expect(lineOf('subnet', lines)).toMatch(/^ subnet MISSING: FIREDRILL_SUBNET is 'ten': expected three octets/)
  expect(lineOf('compose', lines)).toBe(' compose docker compose 2.29.1')
  expect(lineOf('ports', lines)).toMatch(/on 127\.0\.0\.1 are/)
  expect({ ok, last: lines.at(-1) }).toEqual({ ok: false, last: expect.stringMatching(/needs more: browser, subnet/) })
})

test('an engine without a base, where none can be had, is not enough for a drill', async () => {
  program('docker', 'echo 2.29.1')
  vi.spyOn(process, 'getuid').mockReturnValue(1000)
  const { lines, ok } = await doctor()
  expect(lineOf('images', lines)).toMatch(/^ images MISSING: the engine holds no base/)
  expect({ ok, last: lines.at(-1) }).toEqual({ ok: false, last: expect.stringMatching(/needs more: .*images/) })
})

test('a port that cannot be meant is told with the variable that names it', async () => {
  vi.stubEnv('FIREDRILL_PORT_GATEWAY', 'abc')
  const { lines } = await doctor()
  expect(lineOf('ports', lines)).toMatch(/^ ports MISSING: FIREDRILL_PORT_GATEWAY is 'abc': expected a port/)
})

test('a Docker context that leads nowhere is one line among the others, and no engine is taken in its place', async () => {
  vi.stubEnv('DOCKER_HOST', '')
  vi.stubEnv('DOCKER_CONTEXT', 'far')
  program('docker', 'exit 1')
  const { lines, ok } = await doctor()
  expect(lineOf('engine', lines)).toMatch(/^ engine MISSING: The Docker context 'far', chosen by DOCKER_CONTEXT, leads/)
  expect(lineOf('node', lines)).toBe(` node ${process.version}`)
  expect(ok).toBe(false)
})

test('an engine on another machine, of which a port is not forwarded, is not enough for a drill', async () => {
  vi.stubEnv('DOCKER_HOST', 'ssh://192.0.2.1')
  vi.stubEnv('FIREDRILL_PORT_GATEWAY', String(await freePort()))
  const { lines, ok } = await doctor()
  expect(lineOf('ports', lines)).toMatch(
    /^ ports MISSING: The Docker engine at ssh:\/\/192\.0\.2\.1, .* on another machine/,
  )
  expect(ok).toBe(false)
})

test('a machine on which everything was seen to be there has what a drill needs, and no other', () => {
  const [there, slow] = [good('node', 'v24'), note('images', 'to build: gateway')]
  expect(conclusion([there, slow])).toEqual({ said: 'Everything a drill needs is there.', ok: true })
  expect(conclusion([there, unknown('compose', 'it takes its time')])).toEqual({
    said: 'Not seen: compose. Look again when the machine is less busy.',
    ok: false,
  })
  expect(conclusion([missing('browser', 'none', 'Get one.'), unknown('compose', 'it takes its time')])).toEqual({
    said: 'A drill needs more: browser. `npm run drill` installs what it may. Not seen: compose. Look again when the machine is less busy.',
    ok: false,
  })
})
