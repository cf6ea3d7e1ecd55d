#!/usr/bin/env node
// The boot file: plain JavaScript for Node 20 with nothing installed. Installs the locked packages, then runs cli.ts on Node 24.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const lockFile = join(root, 'package-lock.json')
/** Holds the hash of the lock that node_modules was installed from. */
const stampFile = join(root, 'node_modules/.firedrill-lock')
const environmentError = 3
/** What the rest is written for. Below it Node may not even read TypeScript, so that nothing but this file could say so. */
const leastNode = 24

const main = async () => {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20)
    refuse(`firedrill needs Node 20 or newer to begin with, and this is ${process.version}: install a newer one.`)
  const missing = whatIsMissing()
  if (missing) await install(missing)
  process.exitCode = await runOnNode24(join(root, 'harness/cli.ts'), process.argv.slice(2))
}

/** Why the packages have to be installed; undefined when they are. */
const whatIsMissing = () => {
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules is missing'
  const hash = lockHash()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return undefined
  if (!isInstalledAsLocked()) return 'node_modules is older than package-lock.json'
  writeFileSync(stampFile, hash)
  return undefined
}

/** Somebody may have run npm by hand. npm notes what it installed, and installing the same again would take node_modules from under other programs. */
const isInstalledAsLocked = () => {
  const noteFile = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(noteFile)) return false
  const locked = JSON.parse(readFileSync(lockFile, 'utf8')).packages
  const installed = JSON.parse(readFileSync(noteFile, 'utf8')).packages
  return Object.entries(locked).every(([path, { version, optional, link }]) => {
    if (link || !path.includes('node_modules/')) return true
    return installed[path] ? installed[path].version === version : optional === true
  })
}

const install = async (because) => {
  if (process.env.FIREDRILL_NO_INSTALL === '1') {
    refuse(`${because}, and FIREDRILL_NO_INSTALL forbids installing: run \`npm ci\` in ${root}.`)
  }
  console.log(`  packages    ${because}: npm ci`)
  const startedAt = performance.now()
  const { code, output } = await npmCi()
  if (code !== 0) {
    refuse(`\`npm ci\` failed, so there is nothing to run. npm said:\n${npmsErrors(output)}`)
  }
  writeFileSync(stampFile, lockHash())
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`  packages    ${'installed as locked'.padEnd(46)} ${`${seconds} s`.padStart(7)}`)
}

/** Development packages are needed whatever NODE_ENV says: `npm test` is one of the two commands. */
const npmCi = () =>
  new Promise((resolve) => {
    const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--include=dev', '--include=optional'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (data) => {
      output += data
    }
    npm.stdout.on('data', keep)
    npm.stderr.on('data', keep)
    npm.on('error', (error) => resolve({ code: 1, output: `npm cannot be started: ${error.message}` }))
    npm.on('close', (code) => resolve({ code, output }))
  })

/** What npm calls an error, without the manual it adds to some of them; everything it said where it calls nothing so. */
const npmsErrors = (output) => {
  const lines = output.trimEnd().split('\n')
  const errors = lines.filter((line) => /^npm (error|ERR!)/.test(line) && !/^npm \S+\s*$/.test(line))
  const manual = errors.findIndex((line) => /Clean install a project|Usage:/.test(line))
  return (errors.length > 0 ? errors.slice(0, manual < 0 ? undefined : manual) : lines).slice(0, 12).join('\n')
}

/** Answers with its exit code. Ctrl-C reaches the child from the terminal, so here it only must not end the wait. */
const runOnNode24 = (program, args) =>
  new Promise((resolve) => {
    const bin = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin')
    const path = existsSync(bin) ? `${bin}${delimiter}${process.env.PATH ?? ''}` : process.env.PATH
    const env = { ...process.env, PATH: path }
    // By name, not by path: whatever cli.ts starts by name runs on the same Node.
    demandNode(env)
    const child = spawn('node', [program, ...args], { stdio: 'inherit', env })
    process.on('SIGINT', () => undefined)
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    child.on('error', (error) => refuse(`Node cannot be started: ${error.message}.`))
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })

/** On Linux npm brings a Node along; elsewhere, and where that one does not run, it is whichever PATH has. */
const demandNode = (env) => {
  const { error, stdout } = spawnSync('node', ['--version'], { env, encoding: 'utf8', timeout: 10_000 })
  if (error) refuse(`Node cannot be started: ${error.message}.`)
  const version = stdout.trim() || 'of a version that it does not tell'
  if (Number(/^v(\d+)\./.exec(version)?.[1]) >= leastNode) return
  refuse(`firedrill runs on Node ${leastNode} or later, and the node on PATH is ${version}: install a newer one.`)
}

const lockHash = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex')

const refuse = (sentence) => {
  console.error(sentence)
  process.exit(environmentError)
}

await main()
