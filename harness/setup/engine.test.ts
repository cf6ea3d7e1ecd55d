import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { askEngine, type Endpoint, troubleOf } from './engine.ts'
import { canBeMade, explained } from './engine-ready.ts'

const ours: Endpoint = { host: 'unix:///var/run/docker.sock', namedBy: 'default' }
const theirs: Endpoint = { host: 'tcp://somebody:secret@elsewhere:2375', namedBy: 'DOCKER_HOST' }

let folder: string
const hostBefore = process.env.DOCKER_HOST

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-engine-'))
})

afterEach(async () => {
  if (hostBefore === undefined) delete process.env.DOCKER_HOST
  else process.env.DOCKER_HOST = hostBefore
  await rm(folder, { recursive: true, force: true })
})

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve) => server.listen(path, resolve))

/** The error a connection to this path ends with. */
const connectionError = (path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => reject(new Error('somebody listens')))
    socket.on('error', resolve)
  })

describe('why no engine answers', () => {
  test('no socket means that the engine is absent', async () => {
    expect(troubleOf(await connectionError(join(folder, 'none.sock')), ours)).toBe('absent')
  })

  test('a socket that nobody listens on means that the engine refuses', async () => {
    const path = join(folder, 'docker.sock')
    // A listener in another process that is killed leaves its socket behind, as a dead engine does; closing would tidy it up.
    const { spawnSync } = await import('node:child_process')
    spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    expect(troubleOf(await connectionError(path), ours)).toBe('refused')
  })

  test('a permission that is missing means denied, wherever the engine is', () => {
    const denied = Object.assign(new Error('connect EACCES /var/run/docker.sock'), { code: 'EACCES' })
    expect([troubleOf(denied, ours), troubleOf(denied, theirs)]).toEqual(['denied', 'denied'])
  })

  test('an engine that somebody named is unreachable, whatever the error', async () => {
    expect(troubleOf(await connectionError(join(folder, 'none.sock')), theirs)).toBe('unreachable')
  })

  test('no answer in time means that the engine is silent', () => {
    expect(troubleOf(new DOMException('The operation was aborted', 'AbortError'), ours)).toBe('silent')
  })
})

describe('what set-up makes of it', () => {
  test('only an engine that is absent or does not listen is installed or started', () => {
    const troubles = ['absent', 'refused', 'denied', 'silent', 'unreachable'] as const
    expect(troubles.filter(canBeMade)).toEqual(['absent', 'refused'])
  })

  test('a denied user is told of the group, and never to install', () => {
    const { code, text } = explained('denied', ours)
    expect(code).toBe('ERR_ENGINE_DENIED')
    expect(text).toContain('group docker')
    expect(text).not.toContain('install')
  })

  test('an address with a password is told without it', () => {
    const { text } = explained('unreachable', theirs)
    expect(text).toContain('tcp://elsewhere:2375, named by DOCKER_HOST')
    expect(text).not.toContain('secret')
  })
})

describe('a Docker context that somebody chose', () => {
  beforeEach(() => {
    vi.stubEnv('DOCKER_HOST', '')
    vi.stubEnv('DOCKER_CONTEXT', '')
    vi.stubEnv('DOCKER_CONFIG', folder)
    vi.stubEnv('PATH', folder)
  })

  afterEach(() => {
    vi.unstubAllEnvs()
  })

  const docker = (does: string) => writeFile(join(folder, 'docker'), `#!/bin/sh\n${does}\n`, { mode: 0o755 })
  const configured = (context: string) =>
    writeFile(join(folder, 'config.json'), JSON.stringify({ currentContext: context }))

  /** Where it is refused, and not taken for this machine: whatever is said of it. */
  const refused = (...said: readonly string[]) => ({
    name: 'EnvironmentError',
    code: 'ERR_DOCKER_CONTEXT',
    message: expect.stringMatching(new RegExp(said.join('.*'))),
  })

  test('and that is not there is refused, with what was asked and what to do', async () => {
    await docker('echo \'context "far": not found\' >&2; exit 1')
    vi.stubEnv('DOCKER_CONTEXT', 'far')
    const said = refused("'far', chosen by DOCKER_CONTEXT", 'said: context "far": not found', 'unset DOCKER_CONTEXT')
    await expect(askEngine()).rejects.toMatchObject(said)
  })

  test('in the configuration of the Docker CLI is refused alike', async () => {
    await docker('exit 0')
    await configured('far')
    const said = refused("'far', chosen by the Docker CLI's configuration", 'names none', 'docker context use default')
    await expect(askEngine()).rejects.toMatchObject(said)
  })

  test('and that nobody can look up is refused', async () => {
    await configured('far')
    await expect(askEngine()).rejects.toMatchObject(refused('no docker command to look it up with'))
  })

  test('and that is not told within 3 s is refused', async () => {
    vi.stubEnv('PATH', `${folder}:/bin:/usr/bin`)
    await docker('exec sleep 20')
    vi.stubEnv('DOCKER_CONTEXT', 'far')
    await expect(askEngine()).rejects.toMatchObject(refused('gave no answer within 3 s'))
  })

  test('is the engine that is asked where it leads to one', async () => {
    await docker(`echo unix://${folder}/none.sock`)
    vi.stubEnv('DOCKER_CONTEXT', 'far')
    const endpoint = { host: `unix://${folder}/none.sock`, namedBy: 'context' }
    expect(await askEngine()).toMatchObject({ outcome: 'no answer', trouble: 'unreachable', endpoint })
  })

  test('as the default is this machine, and so is none at all', async () => {
    expect((await askEngine()).endpoint.namedBy).toBe('default')
    await configured('default')
    expect((await askEngine()).endpoint.namedBy).toBe('default')
  })
})

describe('asking the engine', () => {
  test('the engine that DOCKER_HOST names is asked for its version', async () => {
    const path = join(folder, 'docker.sock')
    const engine = createHttpServer((_, response) => response.end('{"Version":"27.1.0","ApiVersion":"1.46"}'))
    await listening(engine, path)
    process.env.DOCKER_HOST = `unix://${path}`
    const answer = await askEngine()
    engine.closeAllConnections()
    engine.close()
    expect(answer).toEqual({
      outcome: 'answers',
      engine: { version: '27.1.0', apiVersion: '1.46' },
      endpoint: { host: `unix://${path}`, namedBy: 'DOCKER_HOST' },
    })
  })

  test('an engine that takes the connection and says nothing is given up after 3 s', async () => {
    const path = join(folder, 'docker.sock')
    const mute = createServer()
    await listening(mute, path)
    process.env.DOCKER_HOST = `unix://${path}`
    const startedAt = performance.now()
    const answer = await askEngine()
    mute.close()
    expect(answer).toMatchObject({ outcome: 'no answer', trouble: 'unreachable' })
    expect(performance.now() - startedAt).toBeLessThan(4000)
  })
})
