// How a gateway gives up on a DP Manager that swallows packets.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { connectDpManager } from './dp-manager.ts'
import { environmentFor } from './gateway.fixture.ts'
import { readSettings } from './settings.ts'

const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A port whose accept queue is full: the kernel drops every further SYN, as a black-holed host would. */
async function blackHole(): Promise<string> {
  const program = `const s=require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},()=>console.log(s.address().port))`
  const child: ChildProcess = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  closing.push(() => child.kill('SIGKILL'))
  const [port] = child.stdout ? await once(child.stdout, 'data') : []
  child.kill('SIGSTOP')
  const fillers: Socket[] = Array.from({ length: 6 }, () =>
    connect(Number(port), '127.0.0.1').on('error', () => undefined),
  )
  closing.push(() => fillers.forEach((socket) => void socket.destroy()))
  await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, 'connect')))
  return `http://127.0.0.1:${Number(port)}`
}

test('a connection that never stands is given up after the connect timeout, long before the call’s', async () => {
  const settings = readSettings(environmentFor([await blackHole()], { CONNECT_TIMEOUT_MS: '300' }))
  const dpManager = connectDpManager(settings, 'run-1')
  closing.push(() => dpManager.close())
  const beganAt = performance.now()
  await expect(dpManager.range(settings.endpoints[0] ?? '')).rejects.toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' })
  expect(performance.now() - beganAt).toBeLessThan(2_000)
})
